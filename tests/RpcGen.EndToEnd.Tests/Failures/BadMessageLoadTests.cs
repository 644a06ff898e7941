using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Failures;

/// <summary>Bad messages in large numbers.</summary>
public abstract class BadMessageLoadTests(ITestBroker broker) : BadMessageTest(broker)
{
    [Fact]
    public async Task Valid_calls_are_answered_among_ten_thousand_bad_messages()
    {
        await ServeEchoAsync();
        ITroublemaker client = await CreateClientAsync();
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);

        Task bad = Task.Run(async () =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                await SendBadAsync(peer, i);
            }
        }, Cancel);
        string[] answers = await Task.WhenAll(Enumerable.Range(0, 2_000).Select(i => client.With(timeout: TimeSpan.FromMinutes(2)).DoAsync($"{i}", Cancel))).OrFail();
        await bad;

        Assert.Equal(Enumerable.Range(0, 2_000).Select(i => $"{i}"), answers);
        await Wait.UntilAsync(() => peer.ReceivedCount == 7_500, "every bad message with an address was answered");
        await UntilQueueIsEmptyAsync();
        Assert.Equal(2_000, Handled);
    }

    private ValueTask SendBadAsync(RawPeer peer, int i) => (i % 8) switch
    {
        0 => peer.SendAsync(Queue, "{\"text\":"),
        1 => peer.SendAsync(Queue, "{\"text\":\"x\"}", type: "Nonsense"),
        2 => peer.SendAsync(Queue, "{\"text\":\"x\"}", replyTo: null),
        3 => peer.SendAsync(Queue, "{\"text\":\"x\"}", replyTo: Queue),
        4 => peer.SendAsync(Queue, "{\"text\":[[[]]]}", correlationId: new string('i', 255)),
        5 => peer.SendAsync(Queue, "<text/>", contentType: "text/xml"),
        6 => peer.SendAsync(Queue, "{\"text\":\"x\"}", type: "$batch", headers: new Dictionary<string, object?> { ["x"] = 1 }),
        _ => peer.SendAsync(Queue, "\u0000", type: null, correlationId: null, contentType: null),
    };
}

public sealed class BadMessageLoadTestsInMemory(MemoryBroker broker) : BadMessageLoadTests(broker), IClassFixture<MemoryBroker>;

public sealed class BadMessageLoadTestsOnRabbitMq(SharedRabbit broker) : BadMessageLoadTests(broker);
