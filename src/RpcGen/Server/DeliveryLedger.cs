using RpcGen.Runtime;
using RpcGen.Transport;

namespace RpcGen.Server;

/// <summary>
/// The deliveries of a channel in their order, and which are to be acknowledged. Acknowledgements are collected while there
/// is other work, and for a moment where no delivery waits for their places; they share a frame where no unfinished
/// delivery comes before them. Thread-safe.
/// </summary>
internal sealed class DeliveryLedger : IThreadPoolWorkItem, IDisposable
{
    /// <summary>As many acknowledgements are sent though there is still work to start.</summary>
    private const int MaxCollected = 16;

    /// <summary>How long one is collected at most where there are places enough.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    private readonly ITransportChannel _channel;
    private readonly int _prefetch;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private readonly Queue<Delivery> _order = new();
    private readonly List<Delivery> _due = [];
    private readonly List<(ulong Tag, bool Multiple)> _sending = [];
    private readonly Stack<Delivery> _pool = new();
    private TaskCompletionSource? _whenIdle;
    private int _unended;
    private int _unacknowledged;
    private bool _isFlushing;
    private bool _isTimed;

    /// <param name="channel">Where the deliveries come from.</param>
    /// <param name="time">The clock.</param>
    /// <param name="prefetch">How many deliveries the broker leaves without acknowledgement.</param>
    public DeliveryLedger(ITransportChannel channel, TimeProvider time, int prefetch)
    {
        _channel = channel;
        _prefetch = prefetch;
        using (AmbientFlow.Suppress())
        {
            _timer = time.CreateTimer(static ledger => ((DeliveryLedger)ledger!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

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
                _unacknowledged++;
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
            await _channel.RejectAsync(delivery.Tag, CancellationToken.None).ConfigureAwait(false);
        }
        catch (TransportClosedException)
        {
            return false;
        }

        lock (_gate)
        {
            MarkSent(delivery);
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

    /// <summary>
    /// There is nothing else to do for the moment: what is due is sent. Not at once where the broker has places enough left to
    /// deliver to: a caller that comes alone, again and again, would else cost the broker a frame more for each call.
    /// </summary>
    public void Flush()
    {
        lock (_gate)
        {
            if (_whenIdle is not null || 2 * _unacknowledged >= _prefetch)
            {
                StartFlushing();
            }
            else if (_due.Count > 0 && !_isTimed)
            {
                _isTimed = true;
                _timer.Change(Moment, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>Completes once every delivery has ended and no acknowledgement is due.</summary>
    public Task WhenIdleAsync()
    {
        lock (_gate)
        {
            _whenIdle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            StartFlushing(); // from here on nothing waits for more: the channel may be closed before it comes
            CompleteIfIdle();
            return _whenIdle.Task;
        }
    }

    public void Dispose() => _timer.Dispose();

    void IThreadPoolWorkItem.Execute() => _ = FlushAsync();

    private void OnTimer()
    {
        lock (_gate)
        {
            _isTimed = false;
            StartFlushing();
        }
    }

    private void MarkSent(Delivery delivery)
    {
        delivery.Ack = AckState.Sent;
        _unacknowledged--;
    }

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
                    await _channel.AckAsync(tag, multiple, CancellationToken.None).ConfigureAwait(false);
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
                    MarkSent(oldest);
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
                    MarkSent(delivery);
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
