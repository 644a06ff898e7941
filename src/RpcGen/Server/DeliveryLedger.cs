using RpcGen.Transport;

namespace RpcGen.Server;

/// <summary>
/// The deliveries of a channel in their order, and which are to be acknowledged. Acknowledgements are collected for as
/// long as told that there is other work, and share a frame where no unfinished delivery comes before them. Thread-safe.
/// </summary>
internal sealed class DeliveryLedger(ITransportChannel channel) : IThreadPoolWorkItem
{
    /// <summary>As many acknowledgements are sent though there is still work to start.</summary>
    private const int MaxCollected = 16;

    private readonly Lock _gate = new();
    private readonly Queue<Delivery> _order = new();
    private readonly List<Delivery> _due = [];
    private readonly List<(ulong Tag, bool Multiple)> _sending = [];
    private readonly Stack<Delivery> _pool = new();
    private TaskCompletionSource? _whenIdle;
    private int _unended;
    private bool _isFlushing;

    /// <summary>Enters a delivery. Its body is kept if it is no longer than <paramref name="maxBodyBytes"/>.</summary>
    public Delivery Add(in IncomingMessage message, long receivedAt, int maxBodyBytes)
    {
        Delivery? delivery;
        lock (_gate)
        {
            if (!_pool.TryPop(out delivery))
            {
                delivery = new Delivery();
            }
        }

        delivery.Begin(in message, receivedAt, maxBodyBytes);
        lock (_gate)
        {
            _unended++;
            delivery.IsInOrder = delivery.Ack == AckState.Pending;
            if (delivery.IsInOrder)
            {
                _order.Enqueue(delivery);
            }
        }

        return delivery;
    }

    /// <summary>Rejects a delivery whose call is about to end, where it is not acknowledged; false where the channel is gone.</summary>
    public async ValueTask<bool> RejectAsync(Delivery delivery)
    {
        if (delivery.Ack != AckState.Pending)
        {
            return true; // before it ran: it leaves this state by nothing but its call's own doing
        }

        try
        {
            // Meanwhile it counts as unfinished, so that no acknowledgement of later ones includes it.
            await channel.RejectAsync(delivery.Tag, CancellationToken.None).ConfigureAwait(false);
        }
        catch (TransportClosedException)
        {
            return false;
        }

        lock (_gate)
        {
            delivery.Ack = AckState.Sent;
            while (_order.TryPeek(out Delivery? oldest) && oldest.Ack == AckState.Sent)
            {
                Leave(_order.Dequeue());
            }
        }

        return true;
    }

    /// <summary>Acknowledges a delivery whose calls still run.</summary>
    public void AcknowledgeEarly(Delivery delivery)
    {
        lock (_gate)
        {
            MarkDue(delivery);
        }
    }

    /// <summary>
    /// A delivery's calls have ended and its object is no longer theirs; with <paramref name="acknowledge"/> it is
    /// acknowledged, without it the broker keeps it.
    /// </summary>
    public void End(Delivery delivery, bool acknowledge)
    {
        lock (_gate)
        {
            delivery.IsEnded = true;
            _unended--;
            if (acknowledge)
            {
                MarkDue(delivery);
            }

            ReuseIfDone(delivery);
            if (_unended == 0 && _whenIdle is not null)
            {
                StartFlushing();
                CompleteIfIdle();
            }
        }
    }

    /// <summary>There is nothing else to do for the moment: what is due is sent.</summary>
    public void Flush()
    {
        lock (_gate)
        {
            StartFlushing();
        }
    }

    /// <summary>Completes once every delivery has ended and no acknowledgement is due.</summary>
    public Task WhenIdleAsync()
    {
        lock (_gate)
        {
            _whenIdle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_unended == 0)
            {
                StartFlushing();
            }

            CompleteIfIdle();
            return _whenIdle.Task;
        }
    }

    void IThreadPoolWorkItem.Execute() => _ = FlushAsync();

    private void MarkDue(Delivery delivery)
    {
        if (delivery.Ack == AckState.Pending)
        {
            delivery.Ack = AckState.Due;
            _due.Add(delivery);
            if (_due.Count >= MaxCollected)
            {
                StartFlushing();
            }
        }
    }

    private void StartFlushing()
    {
        if (!_isFlushing && _due.Count > 0)
        {
            _isFlushing = true;
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    private async Task FlushAsync()
    {
        while (TakeDue())
        {
            try
            {
                foreach ((ulong tag, bool multiple) in _sending)
                {
                    await channel.AckAsync(tag, multiple, CancellationToken.None).ConfigureAwait(false);
                }
            }
#pragma warning disable CA1031 // An acknowledgement fails where the channel is gone, and with it all of them: the broker delivers again.
            catch (Exception)
#pragma warning restore CA1031
            {
                // The loss itself is told by the channel.
            }
        }
    }

    /// <summary>Takes what is due: the unbroken run from the oldest delivery on as one, the rest singly.</summary>
    private bool TakeDue()
    {
        lock (_gate)
        {
            _sending.Clear();
            ulong last = 0;
            int run = 0;
            while (_order.TryPeek(out Delivery? oldest) && oldest.Ack != AckState.Pending)
            {
                _order.Dequeue();
                if (oldest.Ack == AckState.Due)
                {
                    oldest.Ack = AckState.Sent;
                    last = oldest.Tag;
                    run++;
                }

                Leave(oldest);
            }

            if (run > 0)
            {
                _sending.Add((last, Multiple: run > 1));
            }

            foreach (Delivery delivery in _due)
            {
                if (delivery is { Ack: AckState.Due, IsInOrder: true })
                {
                    delivery.Ack = AckState.Sent;
                    _sending.Add((delivery.Tag, Multiple: false));
                }
            }

            _due.Clear();
            _isFlushing = _sending.Count > 0;
            CompleteIfIdle();
            return _isFlushing;
        }
    }

    private void Leave(Delivery oldest)
    {
        oldest.IsInOrder = false;
        ReuseIfDone(oldest);
    }

    private void ReuseIfDone(Delivery delivery)
    {
        if (delivery is { IsEnded: true, IsInOrder: false })
        {
            delivery.Reset();
            _pool.Push(delivery);
        }
    }

    private void CompleteIfIdle()
    {
        if (_unended == 0 && _due.Count == 0 && !_isFlushing)
        {
            _whenIdle?.TrySetResult();
        }
    }
}
