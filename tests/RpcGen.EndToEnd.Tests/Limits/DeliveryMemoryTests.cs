using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Failures;
using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.EndToEnd.Tests.Telemetry;

namespace RpcGen.EndToEnd.Tests.Limits;

/// <summary>What a server keeps of requests while an older one still runs. Memory is that of the process, so these tests run alone.</summary>
public abstract class DeliveryMemoryTests(ITestBroker broker) : FailureTest(broker)
{
    private const int BodyBytes = 75_000; // in JSON 100,000, for which the pool has arrays of 128 KiB
    private const int Calls = 1_500;
    private const long KeptAtMost = 48L << 20; // the bodies of all calls have 187 MiB

    [Fact]
    public async Task A_long_call_keeps_no_later_request_in_memory()
    {
        var held = new Held();
        await ServeAsync(held.ActAsync);
        ITroublemaker client = await CreateClientAsync();
        Task<string> oldest = client.With(timeout: TimeSpan.FromMinutes(5)).DoAsync("long", Cancel);
        await held.Started.OrFail();
        await CallAsync(client, 100); // fills the pools
        long before = GC.GetTotalMemory(forceFullCollection: true);

        await CallAsync(client, Calls);

        await Wait.UntilAsync(async () => await QueueStateAsync() is { Ready: 0, Unacknowledged: null or 1 }, "all but the long call are acknowledged");
        long kept = GC.GetTotalMemory(forceFullCollection: true) - before;
        TestContext.Current.TestOutputHelper?.WriteLine($"{kept >> 10} KiB more than before");
        Assert.InRange(kept, long.MinValue, KeptAtMost);
        Assert.False(oldest.IsCompleted);
        held.Release();
        Assert.Equal("released", await oldest.OrFail());
    }

    private static async Task CallAsync(ITroublemaker client, int calls)
    {
        byte[] bytes = new byte[BodyBytes];
        for (int done = 0; done < calls; done += 10)
        {
            Assert.All(await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => client.CountBytesAsync(bytes, Cancel))).OrFail(), count => Assert.Equal(BodyBytes, count));
        }
    }
}

[Collection(ListensToAll.Name)]
public sealed class DeliveryMemoryTestsInMemory(MemoryBroker broker) : DeliveryMemoryTests(broker), IClassFixture<MemoryBroker>;

[Collection(ListensToAll.Name)]
public sealed class DeliveryMemoryTestsOnRabbitMq(SharedRabbit broker) : DeliveryMemoryTests(broker);
