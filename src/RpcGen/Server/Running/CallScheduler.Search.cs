using RpcGen.Protocol;
using RpcGen.Server.Acknowledging;

namespace RpcGen.Server.Running;

/// <content>How calls are found by their age or deadline.</content>
internal sealed partial class CallScheduler
{
    /// <summary>Fires the tokens of calls whose deadline has passed.</summary>
    /// <returns>The earliest deadline still ahead; <see cref="long.MaxValue"/> for none.</returns>
    public long CancelLate(long now)
    {
        long next = long.MaxValue;
        lock (_gate)
        {
            foreach (ServerCall call in _running.All)
            {
                next = Math.Min(next, call.CancelIfLate(now));
            }
        }

        return next;
    }

    /// <summary>Finds the running calls whose deadline passed before a timestamp.</summary>
    public OverdueCalls FindOverdue(long threshold, long grace)
    {
        lock (_gate)
        {
            return OverdueCalls.Find(_running.All, threshold, grace);
        }
    }

    /// <summary>Gives up the calls whose request is held for too long. Those being answered are left alone.</summary>
    /// <param name="endOfHold">Until when a delivery can be held.</param>
    /// <param name="now">The current timestamp.</param>
    /// <param name="settled">Completes when the calls are answered.</param>
    /// <param name="held">Gets the calls.</param>
    /// <returns>When the next request is held for too long; <see cref="long.MaxValue"/> for never.</returns>
    public long GiveUp(Func<Delivery, long> endOfHold, long now, Task settled, List<HeldCall> held)
    {
        long next = long.MaxValue;
        lock (_gate)
        {
            // A batch that runs is being read, which does not take long. Deliveries that are acknowledged already are not held.
            foreach (ServerCall call in _running.All.Where(call => call.Kind != MessageKind.Batch).Concat(_waiting.All).Concat(_parked).Where(call => call.Delivery.Ack == AckState.Pending))
            {
                long end = endOfHold(call.Delivery);
                if (end > now)
                {
                    next = Math.Min(next, end);
                }
                else if (!call.IsAbandoned && call.Long is not { IsAdopted: true } && call.Answer.TryGiveUp(settled))
                {
                    held.Add(HeldCall.Of(call));
                    call.FireToken();
                }
            }
        }

        return next;
    }

    /// <summary>Selects a value from each call that runs or waits for a place and meets a condition, under the lock.</summary>
    public List<T> Collect<T>(Func<ServerCall, T?> select)
        where T : class
    {
        lock (_gate)
        {
            return [.. _running.All.Where(static call => call.Kind != MessageKind.Batch).Concat(_waiting.All).Select(select).OfType<T>()];
        }
    }
}
