using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.EndToEnd.Tests.Transports;

namespace RpcGen.EndToEnd.Tests.Failures;

/// <summary>Quorum queues: calls to them are always published with confirms.</summary>
public sealed class QuorumQueueTests(SharedRabbit broker) : FailureTest(broker)
{
    [Fact]
    public async Task A_full_quorum_queue_fails_calls_at_once()
    {
        await BrokerClient.DeclareQueueAsync(Broker.Url, Queue, maxLength: 1, deadLetterQueue: null, type: "quorum");
        ITroublemaker client = (await CreateClientAsync()).With(timeout: TimeSpan.FromMinutes(1));
        var calls = new List<Task<string>>();

        // It counts its messages a little late, and takes a few more than its limit.
        await Wait.UntilAsync(
            () =>
            {
                calls.Add(client.DoAsync("x", Cancel));
                return calls.Exists(static call => call.IsFaulted);
            },
            "the queue refuses a call");

        var full = Assert.IsType<RpcUnavailableException>(calls.Find(static call => call.IsFaulted)!.Exception!.InnerException);
        Assert.Equal((RpcUnavailableReason.QueueFull, RpcExecution.NotStarted, Queue), (full.Reason, full.Execution, full.Queue));
    }

    [Theory]
    [InlineData(RpcQueueType.Quorum, "rpc.cb.~", "application/json;confirm=1;batch=")]
    [InlineData(RpcQueueType.Quorum, "rpc.cb.", "application/json;batch=")]
    [InlineData(RpcQueueType.Classic, "rpc.cb.~", "application/json;batch=")]
    public async Task Callers_that_understand_it_are_told_that_confirms_are_free(RpcQueueType type, string prefix, string expected)
    {
        await ServeAsync((text, _) => Task.FromResult(text), new RpcServerOptions(ServerOptions) { QueueType = type });
        string callbacks = prefix + Queue;
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker, serves: callbacks);

        await peer.SendAsync(Queue, """{"text":"x"}""", contentType: "application/json;batch=1");

        Received reply = await peer.NextAsync();
        Assert.Equal("\"x\"", reply.Body);
        Assert.StartsWith(expected, reply.ContentType, StringComparison.Ordinal);
        await Broker.DeleteQueueAsync(callbacks);
    }

    [Fact]
    public async Task Batched_and_single_calls_are_answered()
    {
        await ServeAsync((text, _) => Task.FromResult(text), new RpcServerOptions(ServerOptions) { QueueType = RpcQueueType.Quorum });
        ITroublemaker client = await CreateClientAsync();

        string[] answers = await Task.WhenAll(Enumerable.Range(0, 500).Select(i => client.DoAsync($"{i}", Cancel))).OrFail();

        Assert.Equal(Enumerable.Range(0, 500).Select(i => $"{i}"), answers);
        Assert.Equal("alone", await client.DoAsync("alone", Cancel).OrFail());
    }
}
