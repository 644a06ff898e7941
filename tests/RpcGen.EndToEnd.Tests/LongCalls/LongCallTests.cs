using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.LongCalls;

/// <summary>Calls of long-running methods, and calls that become long by themselves.</summary>
public abstract class LongCallTests(ITestBroker broker) : LongCallTest(broker)
{
    [Fact]
    public async Task A_long_running_call_holds_neither_its_request_nor_a_place()
    {
        var held = new Held();
        (_, RpcConnection serving) = await ServeErrandsAsync(held.ActAsync, new RpcServerOptions { MaxConcurrentCalls = 1 });
        (IErrands client, RpcConnection calling) = await CreateErrandsAsync();

        Task<string> running = client.RunAsync("x", Cancel);
        await UntilTakenOverAsync(held);
        Assert.Equal("quick y", await client.DoQuicklyAsync("y", Cancel).OrFail());
        Assert.False(running.IsCompleted);
        held.Release();

        Assert.Equal("released", await running.OrFail());
        Assert.Equal(1, held.Runs);
        await UntilForgottenAsync(serving, calling);
    }

    [Fact]
    public async Task A_description_says_which_methods_are_long_running()
    {
        (_, RpcConnection serving) = await ServeErrandsAsync((text, _) => Task.FromResult(text));

        RpcServiceDescription description = await serving.DescribeAsync(Queue, Cancel).OrFail();

        Assert.Equal(["Run", "RunIdempotently", "RunOnce", "RunWithProgress"], description.Methods.Where(method => method.IsLongRunning).Select(method => method.Name));
    }

    [Fact]
    public async Task Short_calls_of_a_long_running_method_are_answered_at_once()
    {
        (_, RpcConnection serving) = await ServeErrandsAsync((text, _) => Task.FromResult(text));
        (IErrands client, RpcConnection calling) = await CreateErrandsAsync();

        string[] results = await Task.WhenAll(Enumerable.Range(0, 200).Select(number => client.RunAsync($"{number}", Cancel))).OrFail();

        Assert.Equal(Enumerable.Range(0, 200).Select(number => $"{number}"), results);
        await UntilForgottenAsync(serving, calling);
    }

    [Fact]
    public async Task A_call_becomes_long_by_itself_and_keeps_its_place()
    {
        var held = new Held();
        (_, RpcConnection serving) = await ServeErrandsAsync(held.ActAsync, new RpcServerOptions(SoonLong) { MaxConcurrentCalls = 1 });
        (IErrands client, RpcConnection calling) = await CreateErrandsAsync();

        Task<string> running = client.DoAsync("x", Cancel);
        await UntilTakenOverAsync(held);
        Task<string> waiting = client.DoQuicklyAsync("y", Cancel);
        await Wait.UntilAsync(async () => await QueueStateAsync() is { Unacknowledged: 1 or null, Ready: 0 }, "the next request is delivered");
        Assert.False(waiting.IsCompleted);
        held.Release();

        Assert.Equal("released", await running.OrFail());
        Assert.Equal("quick y", await waiting.OrFail());
        await UntilForgottenAsync(serving, calling);
    }

    [Fact]
    public async Task Calls_of_a_batch_become_long_together()
    {
        var held = new Held();
        await ServeErrandsAsync((text, token) => text.StartsWith("hold", StringComparison.Ordinal) ? held.ActAsync(text, token) : Task.FromResult(text), SoonLong);
        (IErrands client, RpcConnection calling) = await CreateErrandsAsync();
        for (int i = 0; i < 50; i++)
        {
            await client.DoAsync("warm", Cancel).OrFail(); // learns that the method can be batched
        }

        Task<string>[] running = [.. Enumerable.Range(0, 20).Select(number => client.DoAsync(number % 2 == 0 ? $"hold {number}" : "x", Cancel))];
        await Wait.UntilAsync(() => held.Runs == 10 && Log.Count(66) == 10, "all are taken over");
        await UntilQueueIsEmptyAsync();
        held.Release();

        Assert.Equal(10, (await Task.WhenAll(running).OrFail()).Count(result => result == "released"));
        await UntilForgottenAsync(calling);
    }

    [Fact]
    public async Task A_durable_call_and_calls_of_a_server_that_wants_none_never_become_long()
    {
        var held = new Held();
        await ServeErrandsAsync(held.ActAsync, SoonLong);
        (IErrands client, RpcConnection calling) = await CreateErrandsAsync();
        Task<string> durable = client.DoDurablyAsync("x", Cancel);
        Task<string> other = client.DoAsync("x", Cancel);

        await Wait.UntilAsync(() => Log.Count(66) == 1, "the other call is taken over");
        Assert.Equal(1, calling.Streams.LongCalls.Awaited.Count);
        held.Release();

        Assert.Equal(["released", "released"], await Task.WhenAll(durable, other).OrFail());
    }

    [Fact]
    public async Task Faults_and_metadata_arrive()
    {
        var held = new Held();
        await ServeErrandsAsync(async (text, token) =>
        {
            RpcCallContext.Current!.ReplyMetadata["step"] = "last";
            await held.ActAsync(text, token);
            throw new QuotaExceededException("enough", 5, ["ann"]);
        });
        (IErrands client, _) = await CreateErrandsAsync();
        var metadata = new RpcMetadata();

        Task<string> running = client.With(replyMetadata: metadata).RunAsync("x", Cancel);
        await UntilTakenOverAsync(held);
        held.Release();

        var fault = await Assert.ThrowsAsync<QuotaExceededException>(() => running.OrFail());
        Assert.Equal((5, "ann"), (fault.Limit, Assert.Single(fault.Users)));
        Assert.Equal("last", metadata["step"]);
    }

    [Fact]
    public async Task A_caller_that_cancels_fires_the_token()
    {
        var held = new Held();
        (_, RpcConnection serving) = await ServeErrandsAsync(held.ActAsync);
        (IErrands client, RpcConnection calling) = await CreateErrandsAsync();
        using var caller = new CancellationTokenSource();
        Task<string> running = client.RunAsync("x", caller.Token);
        await UntilTakenOverAsync(held);

        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.OrFail());
        await held.TokenFired.OrFail();
        await UntilForgottenAsync(serving, calling);
    }

    [Fact]
    public async Task A_deadline_ends_a_long_call_like_others()
    {
        var held = new Held();
        (_, RpcConnection serving) = await ServeErrandsAsync(held.ActAsync);
        (IErrands client, RpcConnection calling) = await CreateErrandsAsync();

        Task<string> running = client.With(timeout: TimeSpan.FromSeconds(1)).RunAsync("x", Cancel);

        await Assert.ThrowsAsync<RpcTimeoutException>(() => running.OrFail());
        await held.TokenFired.OrFail();
        await UntilForgottenAsync(serving, calling);
    }

    [Fact]
    public async Task Too_many_long_running_calls_are_refused()
    {
        var held = new Held();
        await ServeErrandsAsync(held.ActAsync, new RpcServerOptions { MaxLongCalls = 1 });
        (IErrands client, _) = await CreateErrandsAsync();
        Task<string> running = client.RunAsync("x", Cancel);
        await held.Started.OrFail();

        var refused = await Assert.ThrowsAsync<RpcUnavailableException>(() => client.RunAsync("y", Cancel).OrFail());
        Assert.Equal(RpcUnavailableReason.Overloaded, refused.Reason);
        Assert.Contains("MaxLongCalls", refused.Message, StringComparison.Ordinal);
        held.Release();
        Assert.Equal("released", await running.OrFail());

        Assert.Equal("released", await client.RunAsync("z", Cancel).OrFail()); // its place is free again
    }

    [Fact]
    public async Task Progress_comes_beside()
    {
        var held = new Held();
        await ServeErrandsAsync(held.ActAsync);
        (IErrands client, _) = await CreateErrandsAsync();
        var seen = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);

        Task<string> plain = client.RunWithProgressAsync("x", null, Cancel);
        await UntilTakenOverAsync(held);
        Task<string> observed = client.RunWithProgressAsync("x", new Progress<int>(value => seen.TrySetResult(value)), Cancel);
        Assert.Equal(1, await seen.Task.OrFail());
        await UntilQueueIsEmptyAsync();
        held.Release();

        Assert.Equal(["released", "released"], await Task.WhenAll(plain, observed).OrFail());
    }

    [Fact]
    public async Task A_server_that_stops_waits_for_long_calls()
    {
        var held = new Held();
        (RpcServer server, _) = await ServeErrandsAsync(held.ActAsync);
        (IErrands client, _) = await CreateErrandsAsync();
        Task<string> running = client.RunAsync("x", Cancel);
        await UntilTakenOverAsync(held);

        Task stopping = server.StopAsync(Cancel);
        await Wait.UntilAsync(() => Log.Count(54) > 0, "the server drains");
        Assert.False(stopping.IsCompleted);
        held.Release();

        Assert.Equal("released", await running.OrFail());
        await stopping.OrFail();
    }

    [Fact]
    public async Task A_server_that_stops_interrupts_long_calls_after_the_grace_period()
    {
        var held = new Held();
        (RpcServer server, _) = await ServeErrandsAsync(held.ActAsync, new RpcServerOptions { GracePeriod = TimeSpan.FromMilliseconds(100) });
        (IErrands client, _) = await CreateErrandsAsync();
        Task<string> running = client.RunAsync("x", Cancel);
        await UntilTakenOverAsync(held);

        await server.StopAsync(Cancel).OrFail();

        var interrupted = await Assert.ThrowsAsync<RpcConnectionException>(() => running.OrFail());
        Assert.Contains("stopped while it ran the call", interrupted.Message, StringComparison.Ordinal);
        await held.TokenFired.OrFail();
        Assert.Equal(1, Log.Count(68));
    }

    [Fact]
    public async Task A_disposed_client_stops_its_handlers()
    {
        var held = new Held();
        (_, RpcConnection serving) = await ServeErrandsAsync(held.ActAsync);
        (IErrands client, RpcConnection calling) = await CreateErrandsAsync();
        Task<string> running = client.RunAsync("x", Cancel);
        await UntilTakenOverAsync(held);

        await calling.DisposeAsync();

        await Assert.ThrowsAsync<RpcConnectionException>(() => running.OrFail());
        await held.TokenFired.OrFail();
        await UntilForgottenAsync(serving);
    }
}

public sealed class LongCallTestsInMemory(MemoryBroker broker) : LongCallTests(broker), IClassFixture<MemoryBroker>;

public sealed class LongCallTestsOnRabbitMq(SharedRabbit broker) : LongCallTests(broker);
