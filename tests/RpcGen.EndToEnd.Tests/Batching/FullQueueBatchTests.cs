using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Batching;

/// <summary>Batches to a queue that is full and refuses messages.</summary>
public abstract class FullQueueBatchTests(ITestBroker broker) : BatchingTest(broker)
{
    [Fact]
    public async Task A_full_queue_fails_each_call_of_a_batch_at_once()
    {
        await Broker.DeclareQueueAsync(Queue, maxLength: 1);
        var held = new Held();
        await ServeQuicklyAsync(
            (text, cancellationToken) => text == "hold" ? held.ActAsync(text, cancellationToken) : Task.FromResult(text),
            new RpcServerOptions(ServerOptions) { UseExistingQueue = true, MaxConcurrentCalls = 1 });
        ITroublemaker client = await CreateSharingClientAsync();
        Assert.Equal("works", await client.DoAsync("works", Cancel).OrFail());
        Task<string> running = client.DoAsync("hold", Cancel);
        await held.Started.OrFail();
        Task<string> waiting = client.DoAsync("fits", Cancel);
        FireWaitTimer();
        await Wait.UntilAsync(async () => (await QueueStateAsync()).Ready == 1, "the queue is full");
        ClientClock.Advance(TimeSpan.FromMilliseconds(300)); // the calls are overdue: the next ones are published with confirms

        Task<string>[] batched = [client.DoAsync("1", Cancel), client.DoAsync("2", Cancel), client.DoAsync("3", Cancel)];
        FireWaitTimer();

        foreach (Task<string> call in batched)
        {
            var full = await Assert.ThrowsAsync<RpcUnavailableException>(() => call.OrFail());
            Assert.Equal((RpcUnavailableReason.QueueFull, RpcExecution.NotStarted, Queue), (full.Reason, full.Execution, full.Queue));
        }

        held.Release();
        await running.OrFail();
        Assert.Equal("fits", await waiting.OrFail());
    }
}

public sealed class FullQueueBatchTestsInMemory(MemoryBroker broker) : FullQueueBatchTests(broker), IClassFixture<MemoryBroker>;

public sealed class FullQueueBatchTestsOnRabbitMq(SharedRabbit broker) : FullQueueBatchTests(broker);
