using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Failures;
using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.Transport;

namespace RpcGen.EndToEnd.Tests.Batching;

/// <summary>
/// The base of batching tests. Clocks stand still by default, so no handler is slow and no
/// timer fires.
/// </summary>
public abstract class BatchingTest(ITestBroker broker) : FailureTest(broker)
{
    protected const string Asking = "application/json;batch=1";

    private readonly List<FakeTimeProvider> _serverClocks = [];

    protected FakeTimeProvider ClientClock { get; } = new(DateTimeOffset.UtcNow);

    protected RpcConnectionOptions Sharing => new() { TimeProvider = ClientClock };

    /// <summary>Serves with handlers that always count as fast.</summary>
    protected async Task<RpcServer> ServeQuicklyAsync(Func<string, CancellationToken, Task<string>> act, RpcServerOptions? options = null)
    {
        _serverClocks.Add(new FakeTimeProvider(DateTimeOffset.UtcNow));
        RpcConnection connection = await ConnectAsync(new RpcConnectionOptions { TimeProvider = _serverClocks[^1] });
        return await connection.ServeAsync<ITroublemaker>(new Troublemaker(act), new RpcServerOptions(options ?? ServerOptions) { Queue = Queue }, Cancel);
    }

    protected async Task<ITroublemaker> CreateSharingClientAsync() => (await ConnectAsync(Sharing)).CreateClient<ITroublemaker>(ClientOptions);

    /// <summary>Answers a call like a server that supports batching.</summary>
    private protected static ValueTask AnswerAsync(RawPeer server, Received request, string body = "null", string contentType = Asking, string? type = null) =>
        AnswerAsync(server, request, request.CorrelationId!, body, contentType, type);

    private protected static ValueTask AnswerAsync(RawPeer server, Received request, string id, string body, string contentType, string? type) => server.Channel.PublishAsync(
        new OutgoingMessage
        {
            Exchange = "",
            RoutingKey = request.ReplyTo!,
            CorrelationId = new CorrelationId(id),
            ContentType = contentType,
            Type = type,
            Body = System.Text.Encoding.UTF8.GetBytes(body),
        },
        Cancel);

    /// <summary>Lets a client learn that the server supports batching and the method is fast.</summary>
    private protected static async Task TeachAsync(RawPeer server, Task<string> call, string contentType = Asking)
    {
        await AnswerAsync(server, await server.NextAsync(), contentType: contentType);
        Assert.Null(await call.OrFail());
    }

    /// <summary>Makes two calls that are sent in one batch, and receives it.</summary>
    private protected Task<Received> ReceiveBatchAsync(RawPeer server, ITroublemaker client, out Task<string>[] calls)
    {
        var shared = new Task<string>[2];
        calls = shared;
        return ReceiveAsync();

        async Task<Received> ReceiveAsync()
        {
            await TeachAsync(server, client.DoAsync("first", Cancel));
            Task<string> alone = client.DoAsync("alone", Cancel);
            Received plain = await server.NextAsync();
            shared[0] = client.DoAsync("1", Cancel);
            shared[1] = client.DoAsync("2", Cancel);
            await AnswerAsync(server, plain);
            await alone.OrFail();
            Received batch = await server.NextAsync();
            Assert.Equal("$batch", batch.Type);
            return batch;
        }
    }

    /// <summary>The reply to a batch, with one result for all its calls.</summary>
    private protected static string Replies(Received batch, string result) =>
        $"[{string.Join(',', JsonNode.Parse(batch.Body)!.AsArray().Select(entry => $"[\"{entry![0]!.GetValue<string>()}\",{result}]"))}]";

    /// <summary>Fires the timers of calls that wait for an earlier message.</summary>
    protected void FireWaitTimer() => ClientClock.Advance(TimeSpan.FromMilliseconds(5));

    /// <inheritdoc/>
    /// <remarks>Advances the clocks meanwhile: after a test that has failed, handlers can still run, and their server waits for the end of its grace period.</remarks>
    protected override async Task EndAsync(RpcConnection connection)
    {
        Task ending = base.EndAsync(connection);
        while (!ending.IsCompleted)
        {
            ClientClock.Advance(TimeSpan.FromSeconds(1));
            _serverClocks.ForEach(clock => clock.Advance(TimeSpan.FromSeconds(1)));
            await Task.WhenAny(ending, Task.Delay(20, CancellationToken.None));
        }

        await ending;
    }

    /// <inheritdoc/>
    /// <remarks>Also advances the servers' clocks, because acknowledgements can be delayed.</remarks>
    protected override Task UntilQueueIsEmptyAsync() => Wait.UntilAsync(
        async () =>
        {
            _serverClocks.ForEach(clock => clock.Advance(TimeSpan.FromMilliseconds(1)));
            return await QueueStateAsync() is { Ready: 0, Unacknowledged: null or 0 };
        },
        $"queue '{Queue}' is empty");
}
