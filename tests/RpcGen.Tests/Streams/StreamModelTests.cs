using Xunit;

namespace RpcGen.Tests.Streams;

/// <summary>
/// Both sides of a stream over queues that keep their order, driven in random order: producer, flusher, both ways of the network,
/// consumer. With losses, messages that come twice, cancellation and death.
/// </summary>
public sealed class StreamModelTests
{
    [Theory]
    [InlineData(nameof(Trouble.None))]
    [InlineData(nameof(Trouble.Loss))]
    [InlineData(nameof(Trouble.Duplicate))]
    [InlineData(nameof(Trouble.Cancel))]
    [InlineData(nameof(Trouble.Death))]
    [InlineData(nameof(Trouble.Fault))]
    public void A_stream_keeps_its_promises_in_any_order_of_events(string trouble)
    {
        for (int seed = 0; seed < 400; seed++)
        {
            new StreamModel(seed, Enum.Parse<Trouble>(trouble)).Run();
        }
    }
}
