using Xunit;

namespace RpcGen.Tests.Streams;

/// <summary>
/// Both sides of a stream over queues that keep their order, driven in random order: producer, flusher, both ways of the network,
/// consumer. With losses, messages that come twice, cancellation and death.
/// </summary>
public sealed class StreamModelTests
{
    private const int Seeds = 210;

    /// <summary>For bytes and progress, whose states are the same: fewer.</summary>
    private const int SeedsOfShapes = 60;

    // The whole run has both builds. Each tries other orders: 5,040 together.
#if DEBUG
    private const int FirstSeed = 0;
#else
    private const int FirstSeed = Seeds;
#endif

    [Theory]
    [InlineData(nameof(Trouble.None), false)]
    [InlineData(nameof(Trouble.None), true)]
    [InlineData(nameof(Trouble.Loss), false)]
    [InlineData(nameof(Trouble.Loss), true)]
    [InlineData(nameof(Trouble.Duplicate), false)]
    [InlineData(nameof(Trouble.Duplicate), true)]
    [InlineData(nameof(Trouble.Cancel), false)]
    [InlineData(nameof(Trouble.Cancel), true)]
    [InlineData(nameof(Trouble.Death), false)]
    [InlineData(nameof(Trouble.Death), true)]
    [InlineData(nameof(Trouble.Fault), false)]
    [InlineData(nameof(Trouble.Fault), true)]
    public void A_stream_keeps_its_promises_in_any_order_of_events(string trouble, bool isOfClient)
    {
        for (int seed = FirstSeed; seed < FirstSeed + Seeds; seed++)
        {
            new StreamModel(seed, Enum.Parse<Trouble>(trouble), isOfClient).Run();
        }
    }

    [Theory]
    [InlineData(nameof(Trouble.None), false)]
    [InlineData(nameof(Trouble.None), true)]
    [InlineData(nameof(Trouble.Loss), false)]
    [InlineData(nameof(Trouble.Loss), true)]
    [InlineData(nameof(Trouble.Duplicate), false)]
    [InlineData(nameof(Trouble.Duplicate), true)]
    [InlineData(nameof(Trouble.Cancel), false)]
    [InlineData(nameof(Trouble.Cancel), true)]
    [InlineData(nameof(Trouble.Death), false)]
    [InlineData(nameof(Trouble.Death), true)]
    [InlineData(nameof(Trouble.Fault), false)]
    [InlineData(nameof(Trouble.Fault), true)]
    public void A_stream_of_bytes_keeps_its_promises(string trouble, bool isOfClient) => Run(trouble, isOfClient, StreamShape.Bytes);

    [Theory]
    [InlineData(nameof(Trouble.None))]
    [InlineData(nameof(Trouble.Loss))]
    [InlineData(nameof(Trouble.Duplicate))]
    [InlineData(nameof(Trouble.Cancel))]
    [InlineData(nameof(Trouble.Death))]
    public void Progress_keeps_its_promises(string trouble) => Run(trouble, isOfClient: false, StreamShape.Progress);

    private static void Run(string trouble, bool isOfClient, StreamShape shape)
    {
        for (int seed = FirstSeed; seed < FirstSeed + SeedsOfShapes; seed++)
        {
            new StreamModel(seed, Enum.Parse<Trouble>(trouble), isOfClient, shape).Run();
        }
    }
}
