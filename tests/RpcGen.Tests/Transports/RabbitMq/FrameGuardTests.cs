using RpcGen.Transport.RabbitMq;
using static RpcGen.Tests.Transports.RabbitMq.AmqpBytes;

namespace RpcGen.Tests.Transports.RabbitMq;

/// <summary>Frames arrive in pieces of any size. What the guard passes does not depend on them.</summary>
public sealed class FrameGuardTests
{
    private static readonly byte[] Good = Message(1, Properties(Table(Entry("a", Text("b")))), [1, 2, 3]);
    private static readonly byte[] BadHeader = HeaderFrame(Properties(Table(Entry("d", Decimal(30)))));
    private static readonly byte[] Start = ConnectionStart(Table(Entry("product", Text("RabbitMQ")), Entry("capabilities", [(byte)'F', .. Table(Entry("c", (byte)'t', 1))])));

    [Fact]
    public void Good_frames_pass_unchanged_in_pieces_of_every_size()
    {
        byte[] stream = [.. Start, .. Good, .. Frame(Heartbeat, 0, []), .. Good, .. MethodFrame(0, 10, 30, [0, 1, 0, 0, 0, 2, 0, 3])];
        for (int size = 1; size <= stream.Length; size++)
        {
            Assert.Equal(stream, Pass(stream, size));
        }
    }

    [Fact]
    public void A_bad_header_is_changed_wherever_the_stream_is_split()
    {
        byte[] stream = [.. Good, .. BadHeader, .. Good];
        byte[] whole = Pass(stream, stream.Length);
        Assert.Equal(Good, whole[..Good.Length]);
        Assert.NotEqual(BadHeader, whole[Good.Length..^Good.Length]);
        Assert.Equal(Good, whole[^Good.Length..]);

        for (int split = 1; split < stream.Length; split++)
        {
            Assert.Equal(whole, PassIn(stream, split));
        }
    }

    [Fact]
    public void Only_header_frames_and_prefixes_are_held_back()
    {
        var guard = new FrameGuard();
        byte[] body = Frame(Body, 1, new byte[100]);

        Assert.Equal(0, guard.Check(body.AsSpan(0, 6)));
        Assert.Equal(50, guard.Check(body.AsSpan(0, 50)));
        Assert.True(guard.IsInsideFrame);
        Assert.Equal(body.Length - 50, guard.Check([.. body[50..], .. BadHeader[..^1]]));
        Assert.False(guard.IsInsideFrame);
        Assert.Equal(BadHeader.Length, guard.RequiredBytes);
        Assert.Equal(BadHeader.Length, guard.Check([.. BadHeader]));
    }

    [Fact]
    public void A_frame_of_any_announced_length_passes()
    {
        var guard = new FrameGuard();
        byte[] endless = [Body, 0, 1, 255, 255, 255, 255, 1, 2, 3];

        Assert.Equal(endless.Length, guard.Check(endless));
        Assert.True(guard.IsInsideFrame);
        Assert.Equal(1000, guard.Check(new byte[1000]));
    }

    [Fact]
    public void What_is_no_AMQP_passes_to_the_library()
    {
        Assert.Equal("AMQP\0\0\u0009\u0001"u8.ToArray(), Pass("AMQP\0\0\u0009\u0001"u8.ToArray(), 100));
        Assert.Equal("HTTP/1.1 400"u8.ToArray(), Pass("HTTP/1.1 400"u8.ToArray(), 1));
    }

    [Fact]
    public void Methods_without_an_id_pass_to_the_library()
    {
        byte[] stream = [.. Frame(Method, 1, []), .. Frame(Method, 1, [0, 10]), .. Frame(Method, 1, [0, 10, 0]), .. Good];

        Assert.Equal(stream, Pass(stream, 3));
    }

    [Fact]
    public void A_header_that_is_too_long_to_be_held_passes_with_blank_headers()
    {
        byte[] list = Properties(Table(Entry("long", Text(new string('x', FrameGuard.MaxHeldBytes)))));
        byte[] stream = [.. HeaderFrame(list), .. Good];

        byte[] passed = Pass(stream, 4096);

        Assert.Equal(stream.Length, passed.Length);
        Assert.Equal(Good, passed[^Good.Length..]);
        var properties = new global::RabbitMQ.Client.ReadOnlyBasicProperties(passed.AsSpan(19, list.Length));
        Assert.Equal([FieldTable.BlankName], properties.Headers!.Keys);
        Assert.Equal("reply", properties.ReplyTo);
    }

    [Fact]
    public void The_longest_header_that_is_held_is_checked()
    {
        byte[] list = Properties(Table(Entry("long", Text(new string('x', FrameGuard.MaxHeldBytes - 60)))));
        byte[] stream = HeaderFrame(list);
        Assert.InRange(stream.Length, FrameGuard.MaxHeldBytes - 60, FrameGuard.MaxHeldBytes);

        Assert.Equal(stream, Pass(stream, 4096));
    }

    [Theory]
    [InlineData(26_000)]
    [InlineData(FieldTable.MaxDepth)]
    public void A_connection_start_that_nests_too_deep_fails_the_connection(int levels)
    {
        byte[] start = ConnectionStart(Table(Entry("capabilities", NestedArrays(levels))));

        var exception = Assert.Throws<InvalidDataException>(() => Pass(start, 1000));

        Assert.Contains("connection.start", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_connection_start_whose_table_ends_outside_fails_the_connection()
    {
        byte[] start = MethodFrame(0, 10, 10, [0, 9], Length(1000), Entry("a", NestedArrays(3)));

        Assert.Throws<InvalidDataException>(() => Pass(start, 1));
    }

    [Fact]
    public void A_connection_start_that_is_too_long_fails_the_connection()
    {
        byte[] start = ConnectionStart(Table(Entry("long", Text(new string('x', FrameGuard.MaxHeldBytes)))));

        Assert.Throws<InvalidDataException>(() => Pass(start, 1000));
    }

    [Fact]
    public void A_connection_start_without_a_table_passes_to_the_library()
    {
        byte[] start = MethodFrame(0, 10, 10, [0, 9], [0, 0, 0]);

        Assert.Equal(start, Pass(start, 1));
    }

    [Fact]
    public void A_body_that_is_too_large_becomes_heartbeats_and_others_stay()
    {
        byte[] large = LargeHeader(Properties(Table(Entry("a", Text("b")))), FrameGuard.MaxBodyBytes + 1L);
        byte[] other = Frame(Body, 2, [1]);
        var guard = new FrameGuard();

        Assert.Equal(large.Length, guard.Check(large));
        Assert.Equal(0, large[18] | large[17] | large[16] | large[15]);
        Assert.Equal([FieldTable.BlankName], new global::RabbitMQ.Client.ReadOnlyBasicProperties(large.AsSpan(19..^1)).Headers!.Keys);
        AssertHidden(guard, FrameGuard.MaxBodyBytes / 2);
        Assert.Equal(other.Length, guard.Check(other));
        Assert.Equal(Body, other[0]);
        AssertHidden(guard, FrameGuard.MaxBodyBytes / 2);
        AssertHidden(guard, 1);
        byte[] next = Frame(Body, 1, [1]);
        Assert.Equal(next.Length, guard.Check(next));
        Assert.Equal(Body, next[0]);
    }

    [Fact]
    public void The_largest_body_stays()
    {
        byte[] header = LargeHeader(Properties(Table(Entry("a", Text("b")))), FrameGuard.MaxBodyBytes);

        Assert.Equal(header, Pass([.. header], 5));
    }

    [Theory]
    [InlineData(new byte[] { 0, 0 })]
    [InlineData(new byte[] { 0xA0, 0, 200, 1, 2 })]
    [InlineData(new byte[] { 0x20, 0, 0, 0, 0, 0 })]
    public void A_body_that_is_too_large_leaves_a_list_without_room_as_it_is(byte[] list)
    {
        byte[] stream = [.. LargeHeader(list, long.MaxValue), .. Good];

        byte[] passed = Pass(stream, stream.Length);

        Assert.Equal(list, passed[19..(19 + list.Length)]);
        Assert.Equal(Good[..^11], passed[^Good.Length..^11]); // all but the body, which counts as one of the large message
    }

    /// <summary>What the guard passes of a stream that arrives in pieces of one size.</summary>
    internal static byte[] Pass(byte[] stream, int size)
    {
        var guard = new FrameGuard();
        var passed = new List<byte>();
        byte[] held = [];
        for (int at = 0; at < stream.Length; at += size)
        {
            Advance(guard, ref held, stream.AsSpan(at, Math.Min(size, stream.Length - at)), passed);
        }

        return [.. passed, .. held];
    }

    private static byte[] LargeHeader(byte[] list, long bodySize)
    {
        byte[] frame = HeaderFrame(list);
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(frame.AsSpan(11), bodySize);
        return frame;
    }

    /// <summary>Passes a body frame, first its prefix and then the rest in pieces.</summary>
    private static void AssertHidden(FrameGuard guard, int size)
    {
        byte[] prefix = [Body, 0, 1, .. Length(size)];
        Assert.Equal(7, guard.Check(prefix));
        Assert.Equal([Heartbeat, 0, 0], prefix[..3]);
        byte[] piece = new byte[1024 * 1024];
        for (int left = size + 1; left > 0; left -= piece.Length)
        {
            int count = Math.Min(left, piece.Length);
            Assert.Equal(count, guard.Check(piece.AsSpan(0, count)));
        }

        Assert.False(guard.IsInsideFrame);
    }

    private static byte[] PassIn(byte[] stream, int split)
    {
        var guard = new FrameGuard();
        var passed = new List<byte>();
        byte[] held = [];
        Advance(guard, ref held, stream.AsSpan(0, split), passed);
        Advance(guard, ref held, stream.AsSpan(split), passed);
        return [.. passed, .. held];
    }

    private static void Advance(FrameGuard guard, ref byte[] held, ReadOnlySpan<byte> piece, List<byte> passed)
    {
        byte[] received = [.. held, .. piece];
        int count = guard.Check(received);
        Assert.True(count == received.Length || guard.RequiredBytes > received.Length - count, "what is complete is not held back");
        passed.AddRange(received.AsSpan(0, count));
        held = received[count..];
    }
}
