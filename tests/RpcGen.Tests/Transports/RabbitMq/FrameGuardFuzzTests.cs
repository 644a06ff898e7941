using RabbitMQ.Client;
using RpcGen.Transport.RabbitMq;
using static RpcGen.Tests.Transports.RabbitMq.AmqpBytes;

namespace RpcGen.Tests.Transports.RabbitMq;

/// <summary>The client library's own decoder reads what the guard has passed.</summary>
public sealed class FrameGuardFuzzTests
{
    private const int MinReplaceable = 8; // flags, a length, the shortest blank table
    private static readonly byte[] Before = Message(1, Properties(Table(Entry("a", Text("b")))), [1, 2, 3]);
    private static readonly byte[] After = HeaderFrame(Properties(Table(Entry("a", NestedTables(3)))));

    [Fact]
    public void Every_property_list_is_decoded_or_has_no_room_for_a_change()
    {
        var run = new FuzzRun(inputs: 30_000);
        int changed = 0;
        for (int i = 0; i < run.Inputs; i++)
        {
            int seed = run.Seed + i;
            changed += Check(new HeaderFuzz(seed), seed) ? 1 : 0;
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{changed} of {run.Inputs} lists were changed.");
    }

    [Fact]
    public void Pieces_make_no_difference_even_if_the_frames_are_broken()
    {
        var run = new FuzzRun(inputs: 5_000);
        for (int i = 0; i < run.Inputs; i++)
        {
            int seed = run.Seed + i;
            byte[] stream = BrokenStream(seed);
            string whole = Pass(stream, stream.Length);

            Assert.True(whole == Pass(stream, new HeaderFuzz(seed).NextSize(stream.Length)), FuzzRun.Replay(seed));
        }
    }

    /// <summary>Frames one after the other, of which some octets are wrong: types, channels, lengths, ends.</summary>
    internal static byte[] BrokenStream(int seed)
    {
        var fuzz = new HeaderFuzz(seed);
        byte[] stream = [.. Deliver(1), .. HeaderFrame(fuzz.Next(), 3), .. Frame(Body, 1, [1, 2, 3]), .. Deliver(2), .. HeaderFrame(fuzz.Next())];
        for (int damages = fuzz.NextSize(4); damages > 0; damages--)
        {
            stream[fuzz.NextSize(stream.Length)] = (byte)fuzz.NextSize(256);
        }

        return stream;
    }

    private static string Pass(byte[] stream, int size)
    {
        try
        {
            return Convert.ToHexString(FrameGuardTests.Pass([.. stream], size));
        }
        catch (InvalidDataException e)
        {
            return e.Message;
        }
    }

    /// <summary>Whether the guard changed the list.</summary>
    private static bool Check(HeaderFuzz fuzz, int seed)
    {
        byte[] list = fuzz.Next();
        byte[] frame = HeaderFrame(list, bodySize: 7);
        byte[] passed = [.. Before, .. frame, .. After];
        int count = new FrameGuard().Check(passed);

        Assert.True(count == passed.Length, FuzzRun.Replay(seed));
        Assert.True(passed.AsSpan(0, Before.Length).SequenceEqual(Before), FuzzRun.Replay(seed));
        Assert.True(passed.AsSpan(Before.Length + frame.Length).SequenceEqual(After), FuzzRun.Replay(seed));
        byte[] after = passed[(Before.Length + 19)..(Before.Length + 19 + list.Length)];
        bool isChanged = !after.SequenceEqual(list);
        bool isIgnored = list.Length <= 2;
        bool hasNoRoom = list.Length < MinReplaceable;
        Exception? exception = isIgnored ? null : Record.Exception(() => Decode(after, isChanged, seed));
        if (isIgnored || (hasNoRoom && exception is ArgumentException or IndexOutOfRangeException))
        {
            Assert.False(isChanged, FuzzRun.Replay(seed));
        }
        else if (exception is not null)
        {
            Assert.Fail($"{exception}\n{FuzzRun.Replay(seed)}");
        }

        return isChanged;
    }

    private static void Decode(byte[] list, bool isChanged, int seed)
    {
        var properties = new ReadOnlyBasicProperties(list);
        if (isChanged)
        {
            Assert.True(properties.Headers?.ContainsKey(FieldTable.BlankName), FuzzRun.Replay(seed));
        }
    }
}
