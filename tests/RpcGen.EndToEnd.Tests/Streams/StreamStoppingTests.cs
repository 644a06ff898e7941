using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Streams;

/// <summary>Servers and clients stop while streams are open, or are missing.</summary>
public abstract class StreamStoppingTests(ITestBroker broker) : StreamTest(broker)
{
    [Fact]
    public async Task A_handler_learns_that_its_server_stops_and_its_stream_can_end_in_order()
    {
        var opened = new TaskCompletionSource();
        RpcServer server = await ServeAsync((_, _) => UntilStopping());
        IFeed client = await CreateClientAsync();
        Task<List<FeedItem>> reading = client.ReadAsync("x", Cancel).ToListAsync(Cancel).AsTask();
        await opened.Task.OrFail();

        await server.StopAsync(Cancel).OrFail();

        Assert.Equal([Item(1), Item(2)], await reading.OrFail());

        async IAsyncEnumerable<FeedItem> UntilStopping()
        {
            yield return Item(1);
            opened.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, RpcCallContext.Current!.Stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            yield return Item(2);
        }
    }

    [Fact]
    public async Task A_stream_that_exceeds_the_grace_period_is_interrupted_and_its_caller_is_told()
    {
        var source = new Source();
        source.Write(1);
        RpcServer server = await ServeAsync(source.ReadAsync, new RpcServerOptions { GracePeriod = TimeSpan.FromMilliseconds(200) });
        IFeed client = await CreateClientAsync();
        await using IAsyncEnumerator<FeedItem> items = client.ReadAsync("x", Cancel).GetAsyncEnumerator(Cancel);
        Assert.True(await items.MoveNextAsync().AsTask().OrFail());

        await server.StopAsync(Cancel).OrFail();

        await source.TokenFired.OrFail();
        await source.Disposed.OrFail();
        var interrupted = await Assert.ThrowsAsync<RpcConnectionException>(() => items.MoveNextAsync().AsTask().OrFail());
        Assert.Contains("stopped", interrupted.Message, StringComparison.Ordinal);
        Assert.Equal((1, RpcExecution.Started), (interrupted.ItemsReceived, interrupted.Execution));
        Assert.Equal(1, Log.Count(63));
    }

    [Fact]
    public async Task A_client_that_is_disposed_fails_its_streams_at_once()
    {
        var source = new Source();
        await ServeAsync(source.ReadAsync);
        RpcConnection connection = await ConnectAsync();
        IFeed client = connection.CreateClient<IFeed>(ClientOptions);
        Task<List<FeedItem>> reading = client.ReadAsync("x", Cancel).ToListAsync(Cancel).AsTask();
        await source.Started.OrFail();

        await connection.DisposeAsync().AsTask().OrFail();

        await Assert.ThrowsAsync<RpcConnectionException>(() => reading.OrFail());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.ReadAsync("y", Cancel).ToListAsync(Cancel).AsTask().OrFail());
        await source.TokenFired.OrFail();
    }

    [Fact]
    public async Task Without_a_server_the_opening_fails_as_calls_do()
    {
        IFeed client = await CreateClientAsync();
        var missing = await Assert.ThrowsAsync<RpcUnavailableException>(() => client.ReadAsync("x", Cancel).ToListAsync(Cancel).AsTask().OrFail());
        Assert.Equal(RpcUnavailableReason.NoQueue, missing.Reason);

        await Broker.DeclareQueueAsync(Queue);
        client = await CreateClientAsync(); // one that has no report of the missing queue
        var late = await Assert.ThrowsAsync<RpcTimeoutException>(() => client.With(timeout: TimeSpan.FromSeconds(2)).ReadAsync("x", Cancel).ToListAsync(Cancel).AsTask().OrFail());
        Assert.Contains("has no consumer", late.Message, StringComparison.Ordinal);
        var unserved = await Assert.ThrowsAsync<RpcUnavailableException>(() => client.With(failFast: true).ReadAsync("x", Cancel).ToListAsync(Cancel).AsTask().OrFail());
        Assert.Equal(RpcUnavailableReason.NoConsumer, unserved.Reason);
    }
}

public sealed class StreamStoppingTestsInMemory(MemoryBroker broker) : StreamStoppingTests(broker), IClassFixture<MemoryBroker>;

public sealed class StreamStoppingTestsOnRabbitMq(SharedRabbit broker) : StreamStoppingTests(broker);
