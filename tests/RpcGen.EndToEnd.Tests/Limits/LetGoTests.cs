using System.Runtime.CompilerServices;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Limits;

/// <summary>What is kept of queues and exchanges that nobody calls any more.</summary>
public abstract class LetGoTests(ITestBroker broker)
{
    private const int Many = 10_000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Queues_are_let_go_with_their_clients()
    {
        await using RpcConnection connection = await RpcConnection.ConnectAsync(broker.Url, Cancel);
        ITroublemaker kept = connection.CreateClient<ITroublemaker>(new RpcClientOptions { Queue = "kept" });

        CreateMany(connection);
        CollectGarbage();

        Assert.InRange(connection.Calls.KnownQueues, 1, 4); // the routes of one client
        GC.KeepAlive(kept);
    }

    [Fact]
    public async Task Clients_of_one_queue_share_what_is_known_of_it()
    {
        await using RpcConnection connection = await RpcConnection.ConnectAsync(broker.Url, Cancel);
        ITroublemaker[] clients = [.. Enumerable.Range(0, 100).Select(_ => connection.CreateClient<ITroublemaker>(new RpcClientOptions { Queue = "one" }))];

        CollectGarbage();

        Assert.InRange(connection.Calls.KnownQueues, 1, 4);
        Assert.Same(connection.Calls.Queues.ThrottleOf("one"), connection.Calls.Queues.ThrottleOf("one"));
        GC.KeepAlive(clients);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void CreateMany(RpcConnection connection)
    {
        for (int i = 0; i < Many; i++)
        {
            connection.CreateClient<ITroublemaker>(new RpcClientOptions { Queue = $"q{i}", Exchange = i % 2 == 0 ? $"e{i}" : null });
        }
    }

    private static void CollectGarbage()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
    }
}

public sealed class LetGoTestsInMemory(MemoryBroker broker) : LetGoTests(broker), IClassFixture<MemoryBroker>;

public sealed class LetGoTestsOnRabbitMq(SharedRabbit broker) : LetGoTests(broker);
