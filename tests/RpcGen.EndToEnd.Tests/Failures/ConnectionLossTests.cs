using System.Collections.Concurrent;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Failures;

/// <summary>Connections, channels, queues and brokers are lost and come back.</summary>
public abstract class ConnectionLossTests(IBreakableBroker broker) : FailureTest(broker)
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(2);

    protected IBreakableBroker Breakable { get; } = broker;

    [Fact]
    public async Task A_call_in_flight_fails_at_once_when_its_outcome_is_unknown()
    {
        var held = new Held();
        await ServeAsync(held.ActAsync);
        ITroublemaker client = await CreateClientAsync();
        Task<string> call = client.With(timeout: Timeout.InfiniteTimeSpan).DoAsync("x", Cancel);
        await held.Started.OrFail();

        await Breakable.CloseConnectionsAsync();

        var lost = await Assert.ThrowsAsync<RpcConnectionException>(() => call.OrFail());
        Assert.Contains("may have run and may still run", lost.Message, StringComparison.Ordinal);
        Assert.Contains("closed by the test", lost.Message, StringComparison.Ordinal);
        await held.TokenFired.OrFail();
        held.Release("after");
        Assert.Equal("after", await client.With(timeout: Long).DoAsync("y", Cancel).OrFail());
    }

    [Fact]
    public async Task An_idempotent_call_in_flight_is_sent_again()
    {
        var held = new Held();
        await ServeAsync(held.ActAsync);
        ITroublemaker client = await CreateClientAsync();
        Task<string> call = client.With(timeout: Long).DoIdempotentlyAsync("x", Cancel);
        await held.Started.OrFail();

        await Breakable.CloseConnectionsAsync();
        await held.TokenFired.OrFail();
        held.Release("again");

        Assert.Equal("again", await call.OrFail());
    }

    [Fact]
    public async Task Channels_closed_by_an_error_are_reopened()
    {
        var held = new Held();
        await ServeAsync(held.ActAsync);
        ITroublemaker client = await CreateClientAsync();
        Task<string> idempotent = client.With(timeout: Long).DoIdempotentlyAsync("x", Cancel);
        Task<string> other = client.With(timeout: Long).DoAsync("y", Cancel);
        await Wait.UntilAsync(() => held.Runs == 2, "both run");

        await Breakable.CloseChannelsAsync();

        var lost = await Assert.ThrowsAsync<RpcConnectionException>(() => other.OrFail());
        Assert.Matches("PRECONDITION_FAILED|NOT_FOUND", lost.Message);
        await held.TokenFired.OrFail();
        held.Release();
        Assert.Equal("released", await idempotent.OrFail());
        Assert.Equal("released", await client.With(timeout: Long).DoAsync("z", Cancel).OrFail());
        await UntilQueueIsEmptyAsync();
    }

    [Fact]
    public async Task A_redelivered_request_whose_callback_queue_is_gone_does_not_run_again()
    {
        var held = new Held();
        var redelivered = new ConcurrentQueue<bool>();
        await ServeAsync((text, token) =>
        {
            redelivered.Enqueue(RpcCallContext.Current!.IsRedelivered);
            return held.ActAsync(text, token);
        });
        ITroublemaker client = await CreateClientAsync();
        Task<string> call = client.With(timeout: Long).DoIdempotentlyAsync("x", Cancel);
        await held.Started.OrFail();

        await Breakable.CloseConnectionsAsync();
        await held.TokenFired.OrFail();
        held.Release();

        await call.OrFail();
        await UntilQueueIsEmptyAsync();
        Assert.Equal([false, false], redelivered); // the second is what the client sent again
    }

    [Fact]
    public async Task An_at_most_once_call_does_not_run_again()
    {
        var held = new Held();
        await ServeAsync(held.ActAsync);
        ITroublemaker client = await CreateClientAsync();
        Task<string> call = client.With(timeout: Long).DoOnceAsync("x", Cancel);
        await held.Started.OrFail();

        await Breakable.CloseConnectionsAsync();

        await Assert.ThrowsAsync<RpcConnectionException>(() => call.OrFail());
        held.Release();
        Assert.Equal("released", await client.With(timeout: Long).DoAsync("y", Cancel).OrFail());
        Assert.Equal(2, held.Runs);
    }

    [Fact]
    public async Task A_deleted_queue_is_declared_and_served_again()
    {
        await ServeAsync((text, _) => Task.FromResult(text));
        ITroublemaker client = await CreateClientAsync();
        Assert.Equal("before", await client.DoAsync("before", Cancel).OrFail());

        await Broker.DeleteQueueAsync(Queue);

        await Wait.UntilAsync(async () => await Broker.FindQueueAsync(Queue) is { Consumers: 1 }, "the queue is served again");
        Assert.Equal("after", await client.With(timeout: Long).DoAsync("after", Cancel).OrFail());
    }

    [Fact]
    public async Task A_restarted_broker_is_used_again()
    {
        await ServeAsync((text, _) => Task.FromResult(text));
        ITroublemaker client = await CreateClientAsync();
        Assert.Equal("before", await client.DoAsync("before", Cancel).OrFail());

        await Breakable.StopAsync();
        Task<string> meanwhile = client.With(timeout: Long).DoIdempotentlyAsync("meanwhile", Cancel); // can still be sent on the old connection
        var impatient = await Assert.ThrowsAsync<RpcTimeoutException>(() => client.With(timeout: TimeSpan.FromMilliseconds(500)).DoAsync("x", Cancel).OrFail());
        await Task.Delay(TimeSpan.FromSeconds(10), Cancel); // until the delays between attempts are long
        await Breakable.StartAsync();

        Assert.Contains("was not sent", impatient.Message, StringComparison.Ordinal);
        Assert.Contains("There is no connection", impatient.Message, StringComparison.Ordinal);
        Assert.Equal("meanwhile", await meanwhile.OrFail());
    }

    [Fact]
    public async Task A_broker_that_lost_its_data_is_used_again()
    {
        await ServeAsync((text, _) => Task.FromResult(text));
        ITroublemaker client = await CreateClientAsync();
        Assert.Equal("before", await client.DoAsync("before", Cancel).OrFail());

        await Breakable.StopAsync();
        await Breakable.WipeAsync();
        await Breakable.StartAsync();
        await Wait.UntilAsync(async () => await Broker.FindQueueAsync(Queue) is { Consumers: 1 }, "the queue is served again");

        Assert.Equal("after", await client.With(timeout: Long).DoAsync("after", Cancel).OrFail());
    }

    [Fact]
    public async Task Calls_wait_while_the_broker_blocks_publishers()
    {
        await ServeAsync((text, _) => Task.FromResult(text));
        ITroublemaker client = await CreateClientAsync();
        Assert.Equal("before", await client.DoAsync("before", Cancel).OrFail());

        await Breakable.BlockAsync();
        try
        {
            // RabbitMQ reports the alarm to a connection only after its next publish, so the first calls are sent.
            await Wait.UntilAsync(
                async () => (await Assert.ThrowsAsync<RpcTimeoutException>(() => client.With(timeout: TimeSpan.FromSeconds(1)).DoAsync("blocked", Cancel).OrFail()))
                    .Message.Contains("The request was not sent. The broker blocks publishers", StringComparison.Ordinal),
                "calls wait for the end of the alarm");
            Task<string> waiting = client.With(timeout: Long).DoAsync("waiting", Cancel);
            await Breakable.UnblockAsync();
            Assert.Equal("waiting", await waiting.OrFail());
        }
        finally
        {
            await Breakable.UnblockAsync();
        }
    }

    [Fact]
    public async Task Calls_to_a_broker_that_hangs_end_at_their_deadline()
    {
        await ServeAsync((text, _) => Task.FromResult(text));
        ITroublemaker client = await CreateClientAsync();
        Assert.Equal("before", await client.DoAsync("before", Cancel).OrFail());

        await Breakable.PauseAsync();
        try
        {
            Task<string>[] calls = [.. Enumerable.Range(0, 50).Select(i => client.With(timeout: TimeSpan.FromSeconds(1)).DoAsync($"{i}", Cancel))];
            foreach (Task<string> call in calls)
            {
                await Assert.ThrowsAsync<RpcTimeoutException>(() => call.OrFail());
            }
        }
        finally
        {
            await Breakable.ResumeAsync();
        }

        Assert.Equal("after", await client.With(timeout: Long).DoAsync("after", Cancel).OrFail());
        await UntilQueueIsEmptyAsync();
    }

    [Fact]
    public async Task Connections_that_drop_repeatedly_leave_nothing_behind()
    {
        RpcConnection servers = await ConnectAsync();
        await servers.ServeAsync<ITroublemaker>(new Troublemaker((text, _) => Task.FromResult(text)), ServerOptions, Cancel);
        RpcConnection clients = await ConnectAsync();
        ITroublemaker client = clients.CreateClient<ITroublemaker>(new RpcClientOptions(ClientOptions) { Timeout = Long });
        using var end = new CancellationTokenSource();
        var outcomes = new ConcurrentDictionary<string, int>();

        Task[] callers = [.. Enumerable.Range(0, 16).Select(caller => Task.Run(async () =>
        {
            for (int i = 0; !end.IsCancellationRequested; i++)
            {
                string text = $"{caller}.{i}";
                try
                {
                    Assert.Equal(text, caller % 2 == 0 ? await client.DoAsync(text, Cancel) : await client.DoIdempotentlyAsync(text, Cancel));
                    outcomes.AddOrUpdate("answered", 1, (_, count) => count + 1);
                }
                catch (RpcConnectionException) when (caller % 2 == 0)
                {
                    outcomes.AddOrUpdate("lost", 1, (_, count) => count + 1);
                }
            }
        }))];
        for (int i = 0; i < 40; i++)
        {
            await Breakable.CloseConnectionsAsync();
            await Task.Delay(i % 4 * 40, Cancel); // sometimes while it is still being reopened
        }

        await end.CancelAsync();
        await Task.WhenAll(callers).OrFail();

        Assert.Equal("after", await client.DoAsync("after", Cancel).OrFail());
        Assert.True(outcomes.GetValueOrDefault("answered") > 0, "nothing was answered");
        Assert.Equal(0, clients.PendingCalls);
        await UntilQueueIsEmptyAsync();
    }
}

public sealed class ConnectionLossTestsInMemory(MemoryBroker broker) : ConnectionLossTests(broker), IClassFixture<MemoryBroker>;

public sealed class ConnectionLossTestsOnRabbitMq(PrivateRabbit broker) : ConnectionLossTests(broker), IClassFixture<PrivateRabbit>;
