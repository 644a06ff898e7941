using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Failures;

/// <summary>Servers and clients stop.</summary>
public abstract class StoppingTests(ITestBroker broker) : FailureTest(broker)
{
    [Fact]
    public async Task A_stopping_server_lets_running_calls_finish()
    {
        var held = new Held();
        RpcServer server = await ServeAsync(held.ActAsync);
        ITroublemaker client = await CreateClientAsync();
        Task<string> call = client.DoAsync("x", Cancel);
        await held.Started.OrFail();

        Task stopping = server.StopAsync(Cancel);
        await Wait.UntilAsync(async () => (await QueueStateAsync()).Consumers == 0, "the server takes no more");
        Assert.False(stopping.IsCompleted);
        held.Release();

        Assert.Equal("released", await call.OrFail());
        await stopping.OrFail();
        Assert.False(held.TokenFired.IsCompleted);
        await UntilQueueIsEmptyAsync();
    }

    [Fact]
    public async Task A_running_call_learns_that_its_server_stops()
    {
        var started = new TaskCompletionSource();
        RpcServer server = await ServeAsync(async (_, _) =>
        {
            started.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, RpcCallContext.Current!.Stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return "ended in order";
        });
        ITroublemaker client = await CreateClientAsync();
        Task<string> call = client.DoAsync("x", Cancel);
        await started.Task.OrFail();

        await server.StopAsync(Cancel).OrFail();

        Assert.Equal("ended in order", await call.OrFail());
    }

    [Fact]
    public async Task Calls_that_exceed_the_grace_period_go_to_another_server()
    {
        var slow = new Held();
        RpcServer server = await ServeAsync(slow.ActAsync, new RpcServerOptions(ServerOptions) { GracePeriod = TimeSpan.FromMilliseconds(200) });
        ITroublemaker client = await CreateClientAsync();
        Task<string> call = client.DoAsync("x", Cancel);
        await slow.Started.OrFail();

        await server.StopAsync(Cancel).OrFail();
        await slow.TokenFired.OrFail();
        await ServeAsync((text, _) => Task.FromResult($"{text}, redelivered: {RpcCallContext.Current!.IsRedelivered}"));

        Assert.Equal("x, redelivered: True", await call.OrFail());
        await UntilQueueIsEmptyAsync();
    }

    [Fact]
    public async Task The_caller_of_an_at_most_once_call_is_told_when_the_server_stops()
    {
        var slow = new Held();
        RpcServer server = await ServeAsync(slow.ActAsync, new RpcServerOptions(ServerOptions) { GracePeriod = TimeSpan.FromMilliseconds(200) });
        ITroublemaker client = await CreateClientAsync();
        Task<string> call = client.DoOnceAsync("x", Cancel);
        await slow.Started.OrFail();

        await server.StopAsync(Cancel).OrFail();

        await Assert.ThrowsAsync<RpcConnectionException>(() => call.OrFail());
        await UntilQueueIsEmptyAsync();
    }

    [Fact]
    public async Task Each_caller_of_many_at_most_once_calls_is_told()
    {
        const int Calls = 200; // their handlers end while the server still gives up the others
        int started = 0;
        var allStarted = new TaskCompletionSource();
        var options = new RpcServerOptions(ServerOptions) { GracePeriod = TimeSpan.Zero, MaxConcurrentCalls = Calls };
        RpcServer server = await ServeAsync(
            async (text, token) =>
            {
                if (Interlocked.Increment(ref started) == Calls)
                {
                    allStarted.SetResult();
                }

                await Task.Delay(Timeout.InfiniteTimeSpan, token);
                return text;
            },
            options);
        ITroublemaker client = await CreateClientAsync(new RpcClientOptions(ClientOptions) { Timeout = Timeout.InfiniteTimeSpan });
        Task<string>[] calls = [.. Enumerable.Range(0, Calls).Select(i => client.DoOnceAsync($"{i}", Cancel))];
        await allStarted.Task.OrFail();

        await server.StopAsync(Cancel).OrFail();

        foreach (Task<string> call in calls)
        {
            await Assert.ThrowsAsync<RpcConnectionException>(() => call.OrFail());
        }
    }

    [Fact]
    public async Task A_client_that_is_disposed_fails_its_calls_at_once()
    {
        var held = new Held();
        await ServeAsync(held.ActAsync);
        RpcConnection connection = await ConnectAsync();
        ITroublemaker client = connection.CreateClient<ITroublemaker>(new RpcClientOptions(ClientOptions) { Timeout = Timeout.InfiniteTimeSpan });
        Task<string> pending = client.DoAsync("x", Cancel);
        await held.Started.OrFail();

        await connection.DisposeAsync();

        await Assert.ThrowsAsync<RpcConnectionException>(() => pending.OrFail());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.DoAsync("y", Cancel).OrFail());
        Assert.Throws<ObjectDisposedException>(() => connection.CreateClient<ITroublemaker>());
        held.Release();
    }

    [Fact]
    public async Task Disposal_can_be_repeated()
    {
        RpcConnection connection = await ConnectAsync();
        RpcServer server = await connection.ServeAsync<ITroublemaker>(new Troublemaker((text, _) => Task.FromResult(text)), ServerOptions, Cancel);

        await Task.WhenAll(server.DisposeAsync().AsTask(), server.StopAsync(Cancel), connection.DisposeAsync().AsTask(), connection.DisposeAsync().AsTask()).OrFail();
        await server.DisposeAsync();
        await connection.DisposeAsync();
    }

    [Fact]
    public async Task Handlers_of_a_stopping_server_can_still_call()
    {
        var inner = new Held();
        await (await ConnectAsync()).ServeAsync<ITroublemaker>(new Troublemaker(inner.ActAsync), new RpcServerOptions(ServerOptions) { Queue = Queue + ".i" }, Cancel);
        RpcConnection connection = await ConnectAsync();
        ITroublemaker innerClient = connection.CreateClient<ITroublemaker>(new RpcClientOptions(ClientOptions) { Queue = Queue + ".i" });
        await connection.ServeAsync<ITroublemaker>(new Troublemaker(async (text, token) => await innerClient.DoAsync(text, token) + await innerClient.DoAsync(text, token)), ServerOptions, Cancel);
        ITroublemaker client = await CreateClientAsync();
        Task<string> call = client.DoAsync("x", Cancel);
        await inner.Started.OrFail();

        ValueTask disposing = connection.DisposeAsync();
        Exception? outside = await Record.ExceptionAsync(() => innerClient.DoAsync("outside", Cancel).OrFail());
        Assert.True(outside is RpcConnectionException or ObjectDisposedException, $"{outside}"); // pending when the connection was closed, or called afterwards
        inner.Release("r");

        Assert.Equal("rr", await call.OrFail());
        await disposing;
        await Broker.DeleteQueueAsync(Queue + ".i");
    }

    [Fact]
    public async Task Background_work_of_a_handler_does_not_inherit_its_deadline()
    {
        var later = new TaskCompletionSource();
        var background = new TaskCompletionSource<Task<string>>();
        ITroublemaker client = await CreateClientAsync();
        await ServeAsync((text, _) =>
        {
            if (text == "start")
            {
                background.SetResult(Task.Run(async () =>
                {
                    await later.Task;
                    return await client.DoAsync("background", CancellationToken.None);
                }, CancellationToken.None));
            }

            return Task.FromResult(text);
        });

        await client.With(timeout: TimeSpan.FromSeconds(2)).DoAsync("start", Cancel).OrFail();
        await Task.Delay(TimeSpan.FromSeconds(2.1), Cancel); // the deadline of the call that started it
        later.SetResult();

        Assert.Equal("background", await (await background.Task.OrFail()).OrFail());
    }

    [Fact]
    public async Task Calls_that_run_when_their_queue_is_deleted_are_answered()
    {
        var held = new Held();
        await ServeAsync(held.ActAsync);
        ITroublemaker client = await CreateClientAsync();
        Task<string> call = client.DoAsync("x", Cancel);
        await held.Started.OrFail();

        await Broker.DeleteQueueAsync(Queue);
        await Wait.UntilAsync(async () => await Broker.FindQueueAsync(Queue) is { Consumers: 1 }, "the queue is served again");
        held.Release();

        Assert.Equal("released", await call.OrFail());
    }

    [Fact]
    public async Task Under_load_a_stopping_server_loses_no_call()
    {
        await ServeAsync((text, _) => Task.FromResult(text));
        ITroublemaker client = await CreateClientAsync();
        using var end = new CancellationTokenSource();
        Task<int>[] callers = [.. Enumerable.Range(0, 16).Select(caller => Task.Run(async () =>
        {
            int calls = 0;
            for (; calls == 0 || !end.IsCancellationRequested; calls++)
            {
                Assert.Equal($"{caller}.{calls}", await client.DoAsync($"{caller}.{calls}", Cancel));
            }

            return calls;
        }))];

        for (int i = 0; i < 10; i++)
        {
            await (await ServeAsync(async (text, token) =>
            {
                await Task.Delay(1, token);
                return text;
            })).StopAsync(Cancel).OrFail();
        }

        await end.CancelAsync();
        Assert.True((await Task.WhenAll(callers).OrFail()).Sum() > 0);
        await UntilQueueIsEmptyAsync();
    }
}

public sealed class StoppingTestsInMemory(MemoryBroker broker) : StoppingTests(broker), IClassFixture<MemoryBroker>;

public sealed class StoppingTestsOnRabbitMq(SharedRabbit broker) : StoppingTests(broker);
