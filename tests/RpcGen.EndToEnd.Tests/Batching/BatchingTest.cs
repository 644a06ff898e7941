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

    /// <summary>Fires the timers of calls that wait for an earlier message.</summary>
    protected void FireWaitTimer() => ClientClock.Advance(TimeSpan.FromMilliseconds(5));

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
