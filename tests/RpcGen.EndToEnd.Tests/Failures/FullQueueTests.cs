using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Failures;

/// <summary>Calls to a queue that is full and refuses messages, or that is deleted while calls wait.</summary>
public abstract class FullQueueTests(ITestBroker broker) : FailureTest(broker)
{
    [Fact]
    public async Task A_full_queue_fails_the_call_at_once()
    {
        await Broker.DeclareQueueAsync(Queue, maxLength: 1);
        ITroublemaker client = (await CreateClientAsync()).With(timeout: Timeout.InfiniteTimeSpan);
        Task<string> waiting = client.DoAsync("fits", Cancel);
        await Wait.UntilAsync(async () => (await QueueStateAsync()).Ready == 1, "the request waits");

        var full = await Assert.ThrowsAsync<RpcUnavailableException>(() => client.DoAsync("x", Cancel).OrFail());

        Assert.Equal((RpcUnavailableReason.QueueFull, RpcExecution.NotStarted, Queue), (full.Reason, full.Execution, full.Queue));
        Assert.Contains("x-overflow=reject-publish", full.Message, StringComparison.Ordinal);
        Assert.True(full.IsTransient);
        await ServeAsync((text, _) => Task.FromResult(text), new RpcServerOptions(ServerOptions) { UseExistingQueue = true });
        Assert.Equal("fits", await waiting.OrFail());
    }

    [Fact]
    public async Task A_queue_that_has_become_full_fails_calls_at_once_when_one_is_overdue()
    {
        await Broker.DeclareQueueAsync(Queue, maxLength: 1);
        var held = new Held();
        await ServeAsync(
            (text, cancellationToken) => text == "hold" ? held.ActAsync(text, cancellationToken) : Task.FromResult(text),
            new RpcServerOptions(ServerOptions) { UseExistingQueue = true, MaxConcurrentCalls = 1 });
        ITroublemaker client = (await CreateClientAsync()).With(timeout: TimeSpan.FromMinutes(1));
        Assert.Equal("works", await client.DoAsync("works", Cancel).OrFail()); // from here on, calls are published without confirms
        Task<string> running = client.DoAsync("hold", Cancel);
        await held.Started.OrFail();
        Task<string> waiting = client.DoAsync("fits", Cancel);
        await Wait.UntilAsync(async () => (await QueueStateAsync()).Ready == 1, "the queue is full");

        RpcUnavailableException? full = null;
        await Wait.UntilAsync(
            async () => (full = await Record.ExceptionAsync(() => client.With(timeout: TimeSpan.FromMilliseconds(400)).DoAsync("x", Cancel).OrFail()) as RpcUnavailableException) is not null,
            "a call is overdue, and the next ones are confirmed");

        Assert.Equal((RpcUnavailableReason.QueueFull, RpcExecution.NotStarted), (full!.Reason, full.Execution));
        held.Release();
        await running.OrFail();
        Assert.Equal("fits", await waiting.OrFail());
    }

    [Fact]
    public async Task A_queue_that_is_deleted_while_calls_wait_is_named_at_their_deadline()
    {
        await Broker.DeclareQueueAsync(Queue);
        ITroublemaker client = await CreateClientAsync();
        Task<string> waiting = client.With(timeout: TimeSpan.FromSeconds(3)).DoAsync("x", Cancel);
        await Wait.UntilAsync(async () => (await QueueStateAsync()).Ready == 1, "the request waits");

        await Broker.DeleteQueueAsync(Queue);

        var missing = await Assert.ThrowsAsync<RpcUnavailableException>(() => client.DoAsync("y", Cancel).OrFail());
        Assert.Equal((RpcUnavailableReason.NoQueue, RpcExecution.NotStarted), (missing.Reason, missing.Execution));
        var late = await Assert.ThrowsAsync<RpcTimeoutException>(() => waiting.OrFail());
        Assert.Contains("The broker has the request", late.Message, StringComparison.Ordinal);
        Assert.Contains($"Queue '{Queue}' does not exist. It was deleted meanwhile, or its server has gone.", late.Message, StringComparison.Ordinal);
    }
}

public sealed class FullQueueTestsInMemory(MemoryBroker broker) : FullQueueTests(broker), IClassFixture<MemoryBroker>;

public sealed class FullQueueTestsOnRabbitMq(SharedRabbit broker) : FullQueueTests(broker);
