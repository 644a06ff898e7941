using System.Collections.Concurrent;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Delivery;

/// <summary>Connections and brokers are lost during one-way calls and broadcasts.</summary>
public abstract class OneWayLossTests(IBreakableBroker broker) : DeliveryTest(broker)
{
    private readonly IBreakableBroker _broker = broker;

    [Fact]
    public async Task A_call_in_flight_fails_when_its_outcome_is_unknown()
    {
        await DeclareUnservedAsync();
        ICourier client = (await CreateClientAsync()).With(timeout: Timeout.InfiniteTimeSpan);
        await client.SendAsync("before", Cancel).OrFail();
        await _broker.PauseAsync();
        Task call = client.SendAsync("x", Cancel); // the request has been handed to the open channel
        Assert.False(call.IsCompleted);

        await _broker.KillAsync();

        var lost = await Assert.ThrowsAsync<RpcConnectionException>(() => call.OrFail());
        Assert.Contains("may have run and may still run", lost.Message, StringComparison.Ordinal);
        await _broker.StartAsync();
        await client.SendAsync("after", Cancel).OrFail();
    }

    [Fact]
    public async Task An_idempotent_call_in_flight_is_sent_again()
    {
        await DeclareUnservedAsync();
        ICourier client = (await CreateClientAsync()).With(timeout: Long);
        await client.SendIdempotentlyAsync("before", Cancel).OrFail();
        await _broker.PauseAsync();
        Task call = client.SendIdempotentlyAsync("x", Cancel);
        Assert.False(call.IsCompleted);

        await _broker.KillAsync();
        await _broker.StartAsync();

        await call.OrFail();
        var courier = new Courier();
        await ServeAsync(courier);
        await Wait.UntilAsync(() => courier.Got.Contains("x"), "it has run");
    }

    [Fact]
    public async Task A_server_starts_and_empties_its_queue_while_the_broker_blocks_publishers()
    {
        await DeclareUnservedAsync();
        await (await CreateClientAsync()).SendAsync("waiting", Cancel).OrFail();
        await _broker.BlockAsync();
        try
        {
            var courier = new Courier();
            await ServeAsync(courier).OrFail();

            await Wait.UntilAsync(() => courier.Got.Contains("waiting"), "it has run");
        }
        finally
        {
            await _broker.UnblockAsync();
        }
    }

    [Fact]
    public async Task A_one_way_call_waits_for_a_broker_that_is_away()
    {
        await DeclareUnservedAsync();
        ICourier client = await CreateClientAsync();
        await client.SendAsync("before", Cancel).OrFail();
        await _broker.StopAsync();

        var impatient = await Assert.ThrowsAsync<RpcTimeoutException>(() => client.With(timeout: TimeSpan.FromMilliseconds(500)).SendAsync("x", Cancel).OrFail());
        var alsoImpatient = await Assert.ThrowsAsync<RpcTimeoutException>(() => client.With(timeout: TimeSpan.FromMilliseconds(500)).TossAsync("x", Cancel).AsTask().OrFail());
        Task patient = client.With(timeout: Long).SendAsync("y", Cancel);
        Task toss = client.With(timeout: Long).TossAsync("z", Cancel).AsTask();
        await _broker.StartAsync();

        foreach (RpcTimeoutException timeout in new[] { impatient, alsoImpatient })
        {
            Assert.Contains("The request was not sent. There is no connection:", timeout.Message, StringComparison.Ordinal);
        }

        await patient.OrFail();
        await toss.OrFail();
        var courier = new Courier();
        await ServeAsync(courier);
        await Wait.UntilAsync(() => courier.Got.Contains("y") && courier.Got.Contains("z"), "both have run");
        Assert.DoesNotContain("x", courier.Got);
    }

    [Fact]
    public async Task A_one_way_call_waits_while_the_broker_blocks_publishers()
    {
        var courier = new Courier();
        await ServeAsync(courier);
        ICourier client = await CreateClientAsync();
        await client.SendAsync("before", Cancel).OrFail();
        await _broker.BlockAsync();
        await Wait.UntilAsync(() => IsHeldUpAsync(client), "the broker has told the connection, which it does when something is published");

        var blocked = await Assert.ThrowsAsync<RpcTimeoutException>(() => client.With(timeout: TimeSpan.FromMilliseconds(500)).SendAsync("x", Cancel).OrFail());
        Task patient = client.With(timeout: Long).SendAsync("y", Cancel);
        await Task.Delay(100, Cancel);
        await _broker.UnblockAsync();

        Assert.Contains("The request was not sent. The broker blocks publishers: low on memory.", blocked.Message, StringComparison.Ordinal);
        await patient.OrFail();
        await Wait.UntilAsync(() => courier.Got.Contains("y"), "it has run");
        Assert.DoesNotContain("x", courier.Got);
    }

    private static async Task<bool> IsHeldUpAsync(ICourier client)
    {
        try
        {
            await client.With(timeout: TimeSpan.FromMilliseconds(500)).SendAsync("first", Cancel).OrFail();
            return false;
        }
        catch (RpcTimeoutException)
        {
            return true;
        }
    }

    [Fact]
    public async Task A_one_way_call_ends_even_if_the_broker_hangs()
    {
        await DeclareUnservedAsync();
        ICourier client = await CreateClientAsync();
        await client.SendAsync("before", Cancel).OrFail();
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        await _broker.PauseAsync();

        Task cancelled = client.With(timeout: Timeout.InfiniteTimeSpan).SendAsync("x", cancellation.Token);
        var late = await Assert.ThrowsAsync<RpcTimeoutException>(() => client.With(timeout: TimeSpan.FromMilliseconds(500)).SendAsync("y", Cancel).OrFail());
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.OrFail());
        await _broker.ResumeAsync();

        Assert.Contains("The request was sent: it may have run and may still run.", late.Message, StringComparison.Ordinal);
        await client.With(timeout: Long).SendAsync("after", Cancel).OrFail();
    }

    [Fact]
    public async Task Disposing_the_client_fails_one_way_calls_under_way()
    {
        await DeclareUnservedAsync();
        RpcConnection connection = await ConnectAsync();
        ICourier client = connection.CreateClient<ICourier>(ClientOptions).With(timeout: Timeout.InfiniteTimeSpan);
        await client.SendAsync("before", Cancel).OrFail();
        await _broker.PauseAsync();
        Task call = client.SendAsync("x", Cancel);

        Task disposing = connection.DisposeAsync().AsTask();

        await Assert.ThrowsAsync<RpcConnectionException>(() => call.OrFail());
        await _broker.ResumeAsync();
        await disposing.OrFail();
    }

    [Fact]
    public async Task A_caller_can_dispose_a_connection_that_is_being_disposed()
    {
        await DeclareUnservedAsync();
        RpcConnection connection = await ConnectAsync();
        ICourier client = connection.CreateClient<ICourier>(ClientOptions).With(timeout: Timeout.InfiniteTimeSpan);
        await client.SendAsync("before", Cancel).OrFail();
        await _broker.PauseAsync();
        Task call = client.SendAsync("x", Cancel);
        Task waiting = call.ContinueWith(
            _ => ((IDisposable)connection).Dispose(), // blocks until the disposal that runs this continuation has ended
            Cancel,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);

        await connection.DisposeAsync().AsTask().OrFail();

        await waiting.OrFail();
        await Assert.ThrowsAsync<RpcConnectionException>(() => call.OrFail());
        await _broker.ResumeAsync();
    }

    [Fact]
    public async Task Every_call_has_an_outcome_when_connections_drop_repeatedly()
    {
        var courier = new Courier();
        await ServeAsync(courier);
        ICourier client = (await CreateClientAsync()).With(timeout: Long);
        using var end = new CancellationTokenSource();
        var outcomes = new ConcurrentDictionary<string, int>();
        Task[] callers = [.. Enumerable.Range(0, 16).Select(caller => Task.Run(async () =>
        {
            for (int i = 0; !end.IsCancellationRequested; i++)
            {
                try
                {
                    await (caller % 2 == 0 ? client.SendAsync($"{caller}/{i}", Cancel) : client.AnnounceIdempotentlyAsync($"{caller}/{i}", Cancel)).OrFail();
                    outcomes.AddOrUpdate("sent", 1, (_, count) => count + 1);
                }
                catch (Exception e) when (e is RpcConnectionException or RpcUnavailableException)
                {
                    outcomes.AddOrUpdate(e.GetType().Name, 1, (_, count) => count + 1);
                }
            }
        }))];

        for (int round = 0; round < 5; round++)
        {
            await Task.Delay(300, Cancel);
            await (round % 2 == 0 ? _broker.CloseConnectionsAsync() : _broker.CloseChannelsAsync());
        }

        await end.CancelAsync();
        await Task.WhenAll(callers).OrFail();
        Assert.True(outcomes.GetValueOrDefault("sent") > 0, "nothing was sent");
        await client.SendIdempotentlyAsync("after", Cancel).OrFail();
        await Wait.UntilAsync(() => courier.Got.Contains("after"), "it has run");
        await UntilQueueIsEmptyAsync();
    }
}

public sealed class OneWayLossTestsInMemory(MemoryBroker broker) : OneWayLossTests(broker), IClassFixture<MemoryBroker>;

public sealed class OneWayLossTestsOnRabbitMq(PrivateRabbit broker) : OneWayLossTests(broker), IClassFixture<PrivateRabbit>;
