using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.LongCalls;

/// <summary>Connections and brokers are lost while calls are long.</summary>
public abstract class LongCallLossTests(IBreakableBroker broker) : LongCallTest(broker)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_call_survives_the_loss_of_all_connections(bool isLongRunning)
    {
        var held = new Held();
        (_, RpcConnection serving) = await ServeErrandsAsync(held.ActAsync, SoonLong, new RpcConnectionOptions());
        (IErrands client, RpcConnection calling) = await CreateErrandsAsync(new RpcConnectionOptions());
        Task<string> running = isLongRunning ? client.RunAsync("x", Cancel) : client.DoAsync("x", Cancel);
        await UntilTakenOverAsync(held);

        await broker.CloseConnectionsAsync();
        Assert.Equal("quick y", await client.With(timeout: TimeSpan.FromMinutes(1)).DoQuicklyAsync("y", Cancel).OrFail());
        Assert.False(running.IsCompleted);
        Assert.False(held.TokenFired.IsCompleted);
        held.Release();

        Assert.Equal("released", await running.OrFail());
        Assert.Equal(1, held.Runs);
    }

    [Fact]
    public async Task A_result_that_comes_while_nothing_is_connected_arrives_later()
    {
        var held = new Held();
        await ServeErrandsAsync(held.ActAsync, connection: new RpcConnectionOptions());
        (IErrands client, _) = await CreateErrandsAsync(new RpcConnectionOptions());
        Task<string> running = client.RunAsync("x", Cancel);
        await UntilTakenOverAsync(held);

        await broker.StopAsync();
        held.Release();
        await broker.StartAsync();

        Assert.Equal("released", await running.OrFail());
        Assert.Equal(1, held.Runs);
    }

    [Fact]
    public async Task A_call_goes_on_while_the_broker_blocks()
    {
        var held = new Held();
        await ServeErrandsAsync(held.ActAsync);
        (IErrands client, _) = await CreateErrandsAsync();
        Task<string> running = client.RunAsync("x", Cancel);
        await UntilTakenOverAsync(held);

        await broker.BlockAsync();
        await Task.WhenAny(running, Task.Delay(1000, Cancel)); // ten beats
        Assert.False(running.IsCompleted);
        await broker.UnblockAsync();
        held.Release();

        Assert.Equal("released", await running.OrFail());
        Assert.Equal(1, held.Runs);
    }

    [Fact]
    public async Task Calls_that_have_outlived_their_channel_keep_their_places()
    {
        var held = new Held();
        await ServeErrandsAsync(held.ActAsync, new RpcServerOptions(SoonLong) { MaxConcurrentCalls = 1 }, new RpcConnectionOptions());
        (IErrands client, _) = await CreateErrandsAsync(new RpcConnectionOptions());
        Task<string> running = client.DoAsync("x", Cancel);
        await UntilTakenOverAsync(held);

        await broker.CloseConnectionsAsync();
        Task<string> waiting = client.With(timeout: TimeSpan.FromMinutes(1)).DoQuicklyAsync("y", Cancel);
        await Wait.UntilAsync(async () => await QueueStateAsync() is { Ready: 0, Consumers: 1, Unacknowledged: 1 }, "the next link has the request"); // a call that waits for a place is not long
        Assert.False(waiting.IsCompleted);
        held.Release();

        Assert.Equal("released", await running.OrFail());
        Assert.Equal("quick y", await waiting.OrFail());
    }
}

public sealed class LongCallLossTestsInMemory(MemoryBroker broker) : LongCallLossTests(broker), IClassFixture<MemoryBroker>
{
    [Theory]
    [InlineData("calls")]
    [InlineData("serving")]
    [InlineData("streams")]
    public async Task A_call_survives_the_loss_of_one_kind_of_connection(string purpose)
    {
        var held = new Held();
        await ServeErrandsAsync(held.ActAsync, connection: new RpcConnectionOptions());
        (IErrands client, _) = await CreateErrandsAsync(new RpcConnectionOptions());
        Task<string> running = client.RunAsync("x", Cancel);
        await UntilTakenOverAsync(held);

        broker.CloseConnections(purpose);
        await Wait.UntilAsync(() => Log.Count(1) > 0, "the loss is noticed");
        held.Release();

        Assert.Equal("released", await running.OrFail());
        Assert.Equal(1, held.Runs);
    }

    [Fact]
    public async Task A_token_still_cancels_a_call_that_has_outlived_its_channel()
    {
        var held = new Held();
        await ServeErrandsAsync(held.ActAsync, connection: new RpcConnectionOptions());
        (IErrands client, _) = await CreateErrandsAsync(new RpcConnectionOptions());
        using var caller = new CancellationTokenSource();
        Task<string> running = client.RunAsync("x", caller.Token);
        await UntilTakenOverAsync(held);
        broker.CloseConnections("serving");
        Assert.Equal("quick y", await client.With(timeout: TimeSpan.FromMinutes(1)).DoQuicklyAsync("y", Cancel).OrFail());

        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.OrFail());
        await held.TokenFired.OrFail();
    }

    [Fact]
    public async Task A_deadline_still_ends_a_call_that_has_outlived_its_channel()
    {
        var held = new Held();
        await ServeErrandsAsync(held.ActAsync);
        (IErrands client, _) = await CreateErrandsAsync();
        Task<string> running = client.With(timeout: TimeSpan.FromSeconds(2)).RunAsync("x", Cancel);
        await UntilTakenOverAsync(held);

        broker.CloseConnections("serving");

        await Assert.ThrowsAsync<RpcTimeoutException>(() => running.OrFail());
        await held.TokenFired.OrFail();
    }

    [Fact]
    public async Task A_server_that_stops_waits_for_calls_that_have_outlived_their_channel()
    {
        var held = new Held();
        (RpcServer server, _) = await ServeErrandsAsync(held.ActAsync, connection: new RpcConnectionOptions());
        (IErrands client, _) = await CreateErrandsAsync(new RpcConnectionOptions());
        Task<string> running = client.RunAsync("x", Cancel);
        await UntilTakenOverAsync(held);
        broker.CloseConnections("serving");
        await Wait.UntilAsync(async () => await QueueStateAsync() is { Consumers: 1 } && Log.Count(1) > 0, "the next link serves");

        Task stopping = server.StopAsync(Cancel);
        await Wait.UntilAsync(() => Log.Count(54) > 0, "the server drains");
        Assert.False(held.TokenFired.IsCompleted);
        held.Release();

        Assert.Equal("released", await running.OrFail());
        await stopping.OrFail();
    }
}

public sealed class LongCallLossTestsOnRabbitMq(PrivateRabbit broker) : LongCallLossTests(broker), IClassFixture<PrivateRabbit>;
