using System.Collections.Concurrent;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Failures;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Redelivery;

/// <summary>Calls to a service that is down are cancelled.</summary>
public abstract class CancelledWhileDownTests(ITestBroker broker) : FailureTest(broker)
{
    private const int Rounds = 10;
    private const int CallsARound = 20;

    [Fact]
    public async Task Cancelling_harms_nobody_and_nothing_that_was_cancelled_runs()
    {
        await (await ServeAsync((text, _) => Task.FromResult(text))).StopAsync(Cancel); // the queue stays, the exchange for cancels goes
        var bystander = new Held();
        string otherQueue = Queue + ".o";
        await (await ConnectAsync()).ServeAsync<ITroublemaker>(new Troublemaker(bystander.ActAsync), new RpcServerOptions(ServerOptions) { Queue = otherQueue }, Cancel);
        RpcConnection connection = await ConnectAsync();
        ITroublemaker client = connection.CreateClient<ITroublemaker>(new RpcClientOptions(ClientOptions) { Timeout = TimeSpan.FromMinutes(2) });
        Task<string> pending = connection.CreateClient<ITroublemaker>(new RpcClientOptions { Queue = otherQueue, Timeout = TimeSpan.FromMinutes(2) }).DoAsync("pending", Cancel);
        await bystander.Started.OrFail();

        for (int round = 0; round < Rounds; round++)
        {
            using var caller = new CancellationTokenSource();
            Task<string>[] calls = [.. Enumerable.Range(0, CallsARound).Select(call => client.DoAsync($"cancelled {round}.{call}", caller.Token))];
            int sent = (round + 1) * CallsARound;
            await Wait.UntilAsync(async () => (await QueueStateAsync()).Ready == sent, "all requests wait");
            await caller.CancelAsync();
            foreach (Task<string> call in calls)
            {
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.OrFail());
            }
        }

        Task<string>[] kept = [client.DoAsync("kept", Cancel), client.DoOnceAsync("kept once", Cancel)];
        await Wait.UntilAsync(async () => (await QueueStateAsync()).Ready == (Rounds * CallsARound) + kept.Length, "the last requests wait");
        var ran = new ConcurrentQueue<string>();
        await ServeAsync((text, _) =>
        {
            ran.Enqueue(text);
            return Task.FromResult(text);
        });

        Assert.Equal(["kept", "kept once"], await Task.WhenAll(kept).OrFail());
        await UntilQueueIsEmptyAsync();
        Assert.Equal(["kept", "kept once"], ran.Order());
        Assert.False(pending.IsCompleted);
        bystander.Release();
        Assert.Equal("released", await pending.OrFail());
        Assert.Equal((0, 1), (Log.Count(1), bystander.Runs)); // no connection or channel was lost
        await Broker.DeleteQueueAsync(otherQueue);
    }
}

public sealed class CancelledWhileDownTestsInMemory(MemoryBroker broker) : CancelledWhileDownTests(broker), IClassFixture<MemoryBroker>;

public sealed class CancelledWhileDownTestsOnRabbitMq(SharedRabbit broker) : CancelledWhileDownTests(broker);
