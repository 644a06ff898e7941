using System.Runtime.CompilerServices;
using RpcGen.Client;
using RpcGen.Client.Batching;
using RpcGen.Client.Calls;
using RpcGen.Diagnostics;
using RpcGen.Runtime;
using RpcGen.Server;
using RpcGen.Server.Running;
using RpcGen.Streams;
using RpcGen.Transport;
using RpcGen.Transport.InMemory;

namespace RpcGen.Simulation;

/// <summary>All that the simulation knows of the runtime's inside, apart from the transport seam and the in-process broker.</summary>
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
    public static (int Active, int Queued) LoadOf(RpcServer server) => ((ICallLoad)HostOf(server)).CountCalls();

    /// <summary>What is left of calls in a connection where none is pending; null for nothing. The connection can only be disposed afterwards.</summary>
    /// <param name="connection">The connection.</param>
    public static string? FindLeftover(RpcConnection connection)
    {
        SlotTable<PendingMessage> table = TableOf(connection.Calls);
        if (table.Snapshot().Count(static message => message.Current.Stage != CallStage.Idle) is > 0 and int pending)
        {
            return $"{pending} calls or batches are pending";
        }

        if (table.Snapshot().Count(static message => message is PendingBatch) is int batches && batches > BatchPool.Capacity + 1)
        {
            return $"{batches} batches are kept, more than their pool takes";
        }

        return FindLost(connection.Calls.GetPool<string>(), table);
    }

    /// <summary>What is left of streams and long calls in a process where none is under way; null for nothing.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="server">Its server; null for none.</param>
    public static string? FindStreamLeftover(RpcConnection connection, RpcServer? server)
    {
        StreamLinks links = connection.Streams;
        ServiceHost? host = server is null ? null : HostOf(server);
        (string What, long Count)[] counts =
        [
            ("calls with streams", links.Current?.Calls ?? 0),
            ("bytes of windows", links.Budget.Used),
            ("long calls that it waits for", links.LongCalls.Awaited.Count),
            ("long calls that it runs", links.LongCalls.Served.Count),
            ("streams of its server", host?.Streams?.Count ?? 0),
            ("long-running calls of its server", host is null ? 0 : DispatcherOf(host).LongCalls?.LongRunning ?? 0),
        ];
        (string what, long count) = Array.Find(counts, static leftover => leftover.Count != 0);
        return what is null ? null : $"{count} {what}";
    }

    /// <summary>Takes every call object out of the pool: one that is in the table and not in the pool is lost.</summary>
    private static string? FindLost(ReceiverPool<string> pool, SlotTable<PendingMessage> table)
    {
        int Count() => table.Snapshot().Count(static message => message is PendingCall);
        int known = Count();
        int rented = 0;
        while (Count() == known)
        {
            pool.Rent();
            rented++;
        }

        return rented == known + 1 ? null : $"{known + 1 - rented} of {known} call objects are not in their pool";
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_table")]
    private static extern ref SlotTable<PendingMessage> TableOf(CallSession session);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_host")]
    private static extern ref ServiceHost HostOf(RpcServer server);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_dispatcher")]
    private static extern ref ServiceDispatcher DispatcherOf(ServiceHost host);
}
