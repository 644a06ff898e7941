using RpcGen.Client;
using RpcGen.Diagnostics;
using RpcGen.Runtime;
using RpcGen.Transport;
using RpcGen.Transport.InMemory;

namespace RpcGen.Simulation;

/// <summary>All that the simulation knows of the runtime's inside, apart from the transport seam.</summary>
internal static class Internals
{
    /// <summary>A connection over a given transport, with randomness from the seed.</summary>
    public static Task<RpcConnection> ConnectAsync(ITransport transport, RpcConnectionOptions options, IRandomSource random) =>
        RpcConnection.ConnectAsync(transport, options, random, CancellationToken.None);

    /// <summary>The broker that <see cref="Transport"/> leads to, kept until it is disposed.</summary>
    public static InMemoryBroker HoldBroker(string name, TimeProvider time) => InMemoryBrokers.Hold(name, time);

    /// <summary>Whether there is a broker of that name still.</summary>
    public static bool HasBroker(string name) => InMemoryBrokers.Find(name) is not null;

    /// <summary>The way to the broker, as it is without a wire.</summary>
    public static ITransport Transport(string broker, TimeProvider time) => new InMemoryTransport(broker, time);

    /// <summary>The calls that a server has in hand.</summary>
    public static (int Active, int Queued) LoadOf(RpcServer server) => ((ICallLoad)server).CountCalls();

    /// <summary>What is left of calls in a connection where none is pending; null for nothing.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="queues">How many queues its clients call.</param>
    public static string? FindLeftover(RpcConnection connection, int queues)
    {
        if (connection.PendingCalls is > 0 and int pending)
        {
            return $"{pending} calls are pending";
        }

        PendingCallTable table = connection.Calls.Table;
        int batches = table.Snapshot().Count(static call => call is PendingBatch);
        if (batches > 2 * queues)
        {
            return $"{batches} batches are kept, more than one for each lane";
        }

        return FindLost(connection.Calls.GetPool<string>(), table);
    }

    /// <summary>Takes every call object out of the pool and puts it back: one that is in the table and not in the pool is lost.</summary>
    private static string? FindLost(CallPool<string> pool, PendingCallTable table)
    {
        int known = table.Snapshot().Count(static call => call is PendingCall<string>);
        var rented = new List<PendingCall<string>>();
        int Count() => table.Snapshot().Count(static call => call is PendingCall<string>);
        while (Count() == known)
        {
            rented.Add(pool.Rent());
        }

        rented.ForEach(pool.Return);
        return rented.Count == known + 1 ? null : $"{known + 1 - rented.Count} of {known} call objects are not in their pool";
    }
}
