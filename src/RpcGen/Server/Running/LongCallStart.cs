namespace RpcGen.Server.Running;

/// <summary>
/// Finds the calls of a link that have been running for a while, and makes them long. Those that wait for a place do not become long before they run: otherwise the broker would
/// deliver more and more requests to a server that has no place for them. Thread-safe.
/// </summary>
/// <param name="longCalls">The long calls of the server.</param>
/// <param name="dispatcher">Knows the methods.</param>
/// <param name="scheduler">The calls of the link.</param>
internal sealed class LongCallStart(LongCalls longCalls, ServiceDispatcher dispatcher, CallScheduler scheduler)
{
    /// <inheritdoc cref="LongCalls.DueAt"/>
    public long DueAt(long receivedAt) => longCalls.DueAt(receivedAt);

    /// <summary>Makes the calls long that are due, and announces them.</summary>
    /// <returns>When the next ones are due; <see cref="long.MaxValue"/> for never.</returns>
    public long Start(long now)
    {
        long next = long.MaxValue;
        List<LongCall> started = scheduler.Collect(call =>
        {
            long due = longCalls.DueAt(call.Delivery.ReceivedAt);
            if (due > now)
            {
                next = Math.Min(next, due);
                return null;
            }

            if (!call.HasStarted)
            {
                next = Math.Min(next, longCalls.NextLook(now));
                return null;
            }

            return dispatcher.IsWorthBeingLong(call, now) ? longCalls.TryCreate(call, leavesPlace: false) : null;
        });
        started.ForEach(call => _ = longCalls.AnnounceAsync(call));
        return next;
    }
}
