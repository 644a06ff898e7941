using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Failures;

/// <summary>The caller cancels.</summary>
public abstract class CancellationTests(ITestBroker broker) : FailureTest(broker)
{
    [Fact]
    public async Task The_call_ends_at_once_and_the_handlers_token_fires()
    {
        var held = new Held();
        await ServeAsync(held.ActAsync);
        ITroublemaker client = await CreateClientAsync();
        using var caller = new CancellationTokenSource();
        Task<string> call = client.DoAsync("x", caller.Token);
        await held.Started.OrFail();

        await caller.CancelAsync();

        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.OrFail());
        Assert.Equal(caller.Token, cancelled.CancellationToken);
        await held.TokenFired.OrFail();
        await UntilQueueIsEmptyAsync();
    }

    [Fact]
    public async Task Only_the_instance_that_runs_the_call_cancels_it()
    {
        Held[] handlers = [new(), new(), new()];
        foreach (Held handler in handlers)
        {
            await ServeAsync(handler.ActAsync, new RpcServerOptions(ServerOptions) { MaxConcurrentCalls = 1 });
        }

        ITroublemaker client = await CreateClientAsync();
        using var caller = new CancellationTokenSource();
        Task<string>[] calls = [client.DoAsync("1", caller.Token), client.DoAsync("2", Cancel), client.DoAsync("3", Cancel)];
        await Task.WhenAll(handlers.Select(handler => handler.Started)).OrFail();

        await caller.CancelAsync();
        await (await Task.WhenAny(handlers.Select(handler => handler.TokenFired)).OrFail());
        foreach (Held handler in handlers)
        {
            handler.Release();
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => calls[0].OrFail());
        Assert.Equal(["released", "released"], await Task.WhenAll(calls[1], calls[2]).OrFail());
        Assert.Single(handlers, handler => handler.TokenFired.IsCompleted);
    }

    [Fact]
    public async Task A_cancelled_call_that_has_not_started_never_starts()
    {
        var held = new Held();
        await ServeAsync(held.ActAsync, new RpcServerOptions(ServerOptions) { MaxConcurrentCalls = 1 });
        ITroublemaker client = await CreateClientAsync();
        Task<string> first = client.DoAsync("first", Cancel);
        await held.Started.OrFail();
        using var caller = new CancellationTokenSource();
        Task<string> second = client.DoAsync("second", caller.Token);
        await Wait.UntilAsync(async () => (await QueueStateAsync()).Ready == 1, "the second request waits");

        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second.OrFail());
        // The cancel of a third call uses the same channel. Its arrival shows that the second call's cancel has arrived.
        using var third = new CancellationTokenSource();
        Task<string> last = client.DoAsync("third", third.Token);
        await third.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => last.OrFail());
        await Task.Delay(200, Cancel);
        held.Release();

        await first.OrFail();
        await UntilQueueIsEmptyAsync();
        Assert.Equal(1, held.Runs);
    }

    [Fact]
    public async Task A_token_that_has_fired_sends_nothing()
    {
        var held = new Held();
        await ServeAsync(held.ActAsync);
        ITroublemaker client = await CreateClientAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.DoAsync("x", new CancellationToken(canceled: true)).OrFail());

        held.Release();
        Assert.Equal("released", await client.DoAsync("y", Cancel).OrFail());
        Assert.Equal(1, held.Runs);
    }

    [Fact]
    public async Task A_handler_that_ignores_its_token_runs_to_its_end()
    {
        var held = new Held();
        await ServeAsync((text, _) => held.ActAsync(text, CancellationToken.None));
        ITroublemaker client = await CreateClientAsync();
        using var caller = new CancellationTokenSource();
        Task<string> call = client.DoAsync("x", caller.Token);
        await held.Started.OrFail();

        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.OrFail());
        Assert.NotEqual(0, (await QueueStateAsync()).Unacknowledged);
        held.Release();

        await UntilQueueIsEmptyAsync();
    }
}

public sealed class CancellationTestsInMemory(MemoryBroker broker) : CancellationTests(broker), IClassFixture<MemoryBroker>;

public sealed class CancellationTestsOnRabbitMq(SharedRabbit broker) : CancellationTests(broker);
