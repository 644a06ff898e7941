using System.Diagnostics;

namespace RpcGen.Server.Acknowledging;

/// <summary>
/// The deliveries of a channel in the order of their tags, and those to acknowledge next. Makes the moves that are listed at
/// <see cref="AckTracker"/>, and pools the objects. Not thread-safe: the tracker calls it under its lock.
/// </summary>
internal sealed class DeliveryOrder
{
    private readonly Queue<Delivery> _order = new();
    private readonly List<Delivery> _due = [];
    private readonly Stack<Delivery> _pool = new();

    /// <summary>How many deliveries are due.</summary>
    public int DueCount => _due.Count;

    /// <summary>How many deliveries the broker regards as unacknowledged.</summary>
    public int UnacknowledgedCount { get; private set; }

    /// <summary>Gets an object for a delivery that is about to be entered.</summary>
    public Delivery Rent() => _pool.TryPop(out Delivery? delivery) ? delivery : new Delivery();

    /// <summary>Enters a delivery, unless the broker expects no acknowledgement for it.</summary>
    public void Enter(Delivery delivery)
    {
        delivery.IsInOrder = delivery.Ack == AckState.Pending;
        if (delivery.IsInOrder)
        {
            UnacknowledgedCount++;
            _order.Enqueue(delivery);
        }
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
        MarkSettled(delivery);
        while (_order.TryPeek(out Delivery? oldest) && oldest.Ack == AckState.Settled)
        {
            RemoveFromOrder(_order.Dequeue());
        }
    }

    /// <summary>Notes that the delivery's calls have ended.</summary>
    public void MarkEnded(Delivery delivery)
    {
        Debug.Assert(!delivery.IsEnded, "A delivery ends once.");
        delivery.IsEnded = true;
        ReuseIfDone(delivery);
    }

    /// <summary>Due → Settled for all that are due. Lists the acknowledgements: one for the unbroken run from the oldest delivery on, one for each other.</summary>
    public void TakeDue(List<(ulong Tag, bool Multiple)> acknowledgements)
    {
        TakeOldestRun(acknowledgements);
        foreach (Delivery delivery in _due)
        {
            // Members of the run are Settled by now. Their objects can be pooled already: then they are not in order.
            if (delivery is { Ack: AckState.Due, IsInOrder: true })
            {
                MarkSettled(delivery);
                acknowledgements.Add((delivery.Tag, Multiple: false));
            }
        }

        _due.Clear();
    }

    private void TakeOldestRun(List<(ulong Tag, bool Multiple)> acknowledgements)
    {
        ulong last = 0;
        int count = 0;
        while (_order.TryPeek(out Delivery? oldest) && oldest.Ack != AckState.Pending)
        {
            _order.Dequeue();
            if (oldest.Ack == AckState.Due)
            {
                MarkSettled(oldest);
                last = oldest.Tag;
                count++;
            }

            RemoveFromOrder(oldest);
        }

        if (count > 0)
        {
            acknowledgements.Add((last, Multiple: count > 1));
        }
    }

    private void MarkSettled(Delivery delivery)
    {
        Debug.Assert(delivery.Ack != AckState.Settled && UnacknowledgedCount > 0, "A delivery is acknowledged once.");
        delivery.Ack = AckState.Settled;
        UnacknowledgedCount--;
    }

    private void RemoveFromOrder(Delivery oldest)
    {
        oldest.IsInOrder = false;
        ReuseIfDone(oldest);
    }

    private void ReuseIfDone(Delivery delivery)
    {
        if (delivery is { IsEnded: true, IsInOrder: false })
        {
            Debug.Assert(delivery.Ack == AckState.Settled, "A delivery leaves the order when it is acknowledged.");
            delivery.Reset();
            _pool.Push(delivery);
        }
    }
}
