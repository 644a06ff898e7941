using System.Diagnostics;

namespace RpcGen.Server.Acknowledging;

/// <summary>
/// The deliveries of a channel that are not acknowledged, in the order of their tags, and those to acknowledge next. Makes the
/// moves that are listed at <see cref="AckTracker"/>, and pools the objects. Not thread-safe: the tracker calls it under its lock.
/// </summary>
/// <remarks>
/// A delivery leaves the order when it is acknowledged, at any position. Otherwise one slow call would keep every later delivery
/// in memory. The order is therefore a linked list.
/// </remarks>
/// <param name="maxPooled">How many objects are kept for later deliveries.</param>
internal sealed class DeliveryOrder(int maxPooled)
{
    private readonly List<Delivery> _due = [];
    private readonly Stack<Delivery> _pool = new();
    private Delivery? _oldest;
    private Delivery? _latest;

    /// <summary>How many deliveries are due.</summary>
    public int DueCount => _due.Count;

    /// <summary>How many deliveries the broker regards as unacknowledged.</summary>
    public int UnacknowledgedCount { get; private set; }

    /// <summary>How many objects are pooled.</summary>
    public int PooledCount => _pool.Count;

    /// <summary>Gets an object for a delivery that is about to be entered.</summary>
    public Delivery Rent() => _pool.TryPop(out Delivery? delivery) ? delivery : new Delivery();

    /// <summary>Enters a delivery, unless the broker expects no acknowledgement for it.</summary>
    public void Enter(Delivery delivery)
    {
        delivery.IsInOrder = delivery.Ack == AckState.Pending;
        if (!delivery.IsInOrder)
        {
            return;
        }

        UnacknowledgedCount++;
        delivery.Previous = _latest;
        if (_latest is null)
        {
            _oldest = delivery;
        }
        else
        {
            _latest.Next = delivery;
        }

        _latest = delivery;
    }

    /// <summary>Pending → Due; does nothing if the delivery is past that.</summary>
    public void MarkDue(Delivery delivery)
    {
        if (delivery.Ack == AckState.Pending)
        {
            Debug.Assert(delivery.IsInOrder, "A pending delivery is in order.");
            delivery.Ack = AckState.Due;
            _due.Add(delivery);
        }
    }

    /// <summary>Pending → Settled, for a delivery that was rejected.</summary>
    public void MarkRejected(Delivery delivery)
    {
        Debug.Assert(delivery is { Ack: AckState.Pending, IsEnded: false, IsInOrder: true }, "Only its own call can change a delivery that has not ended.");
        Settle(delivery);
    }

    /// <summary>Pending → Early. False if the delivery is past that.</summary>
    public static bool TryMarkEarly(Delivery delivery)
    {
        if (delivery.Ack != AckState.Pending)
        {
            return false;
        }

        Debug.Assert(delivery is { IsInOrder: true, IsEnded: false }, "A pending delivery is in order, and its call has not run.");
        delivery.Ack = AckState.Early;
        return true;
    }

    /// <summary>Early → Settled.</summary>
    public void MarkSent(Delivery delivery)
    {
        Debug.Assert(delivery.Ack == AckState.Early, "A delivery is acknowledged by itself once.");
        Settle(delivery);
    }

    /// <summary>Notes that the delivery's calls have ended.</summary>
    public void MarkEnded(Delivery delivery)
    {
        Debug.Assert(!delivery.IsEnded, "A delivery ends once.");
        delivery.IsEnded = true;
        if (delivery.Ack == AckState.Pending)
        {
            delivery.Body.Release(); // the broker keeps the message until the channel closes, which can take long
        }

        ReuseIfDone(delivery);
    }

    /// <summary>Due → Settled for all that are due. Lists the acknowledgements: one for the unbroken run from the oldest delivery on, one for each other.</summary>
    public void TakeDue(List<(ulong Tag, bool Multiple)> acknowledgements)
    {
        TakeOldestRun(acknowledgements);
        foreach (Delivery delivery in _due)
        {
            // Members of the run are Settled by now. Their objects can be pooled already.
            if (delivery.Ack == AckState.Due)
            {
                acknowledgements.Add((delivery.Tag, Multiple: false));
                Settle(delivery);
            }
        }

        _due.Clear();
    }

    private void TakeOldestRun(List<(ulong Tag, bool Multiple)> acknowledgements)
    {
        ulong last = 0;
        int count = 0;
        while (_oldest is { Ack: AckState.Due } oldest)
        {
            last = oldest.Tag;
            count++;
            Settle(oldest);
        }

        if (count > 0)
        {
            acknowledgements.Add((last, Multiple: count > 1));
        }
    }

    private void Settle(Delivery delivery)
    {
        Debug.Assert(delivery is { Ack: not AckState.Settled, IsInOrder: true } && UnacknowledgedCount > 0, "A delivery is acknowledged once.");
        delivery.Ack = AckState.Settled;
        UnacknowledgedCount--;
        Unlink(delivery);
        ReuseIfDone(delivery);
    }

    private void Unlink(Delivery delivery)
    {
        if (delivery.Previous is null)
        {
            _oldest = delivery.Next;
        }
        else
        {
            delivery.Previous.Next = delivery.Next;
        }

        if (delivery.Next is null)
        {
            _latest = delivery.Previous;
        }
        else
        {
            delivery.Next.Previous = delivery.Previous;
        }

        delivery.Previous = delivery.Next = null;
        delivery.IsInOrder = false;
    }

    private void ReuseIfDone(Delivery delivery)
    {
        if (delivery is not { IsEnded: true, IsInOrder: false })
        {
            return;
        }

        Debug.Assert(delivery.Ack == AckState.Settled, "A delivery leaves the order when it is acknowledged.");
        delivery.Reset();
        if (_pool.Count < maxPooled)
        {
            _pool.Push(delivery);
        }
    }
}
