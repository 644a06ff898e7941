using System.Diagnostics;
using RpcGen.Runtime;
using RpcGen.Transport;

namespace RpcGen.Server.Acknowledging;

/// <summary>
/// Tracks the deliveries of one channel until they are acknowledged. Acknowledgements are collected while workers are busy,
/// and for a millisecond while fewer than half of the prefetched messages are unacknowledged. One frame then acknowledges the
/// unbroken run from the oldest delivery on. Thread-safe.
/// </summary>
/// <remarks>
/// Each delivery has three parts of state: <see cref="Delivery.Ack"/>, <see cref="Delivery.IsEnded"/> and
/// <see cref="Delivery.IsInOrder"/>. The object returns to the pool once it is ended and settled.
/// <list type="table">
/// <listheader><term>Move</term><description>Cause</description></listheader>
/// <item><term>new → Pending, in order</term><description><see cref="Add"/> with a delivery tag.</description></item>
/// <item><term>new → Settled, not in order</term><description><see cref="Add"/> with tag 0: the broker expects no acknowledgement.</description></item>
/// <item><term>Pending → Due</term><description><see cref="MakeDueEarly"/> before an at-most-once call runs, or <see cref="End"/> with acknowledgement.</description></item>
/// <item><term>Pending → Early → Settled</term><description><see cref="TryBeginEarly"/> and <see cref="EndEarly"/>, where <see cref="EarlyAcks"/> waits for the broker.</description></item>
/// <item><term>Pending → Settled</term><description><see cref="RejectAsync"/>: the broker dead-letters or drops the message.</description></item>
/// <item><term>Due → Settled</term><description>A flush sends the acknowledgement.</description></item>
/// <item><term>Pending, ended</term><description><see cref="End"/> without acknowledgement. Final: the broker redelivers when the channel closes.</description></item>
/// <item><term>in order → not in order</term><description>The delivery becomes Settled.</description></item>
/// </list>
/// </remarks>
internal sealed class AckTracker : IThreadPoolWorkItem, IDisposable
{
    /// <summary>This many collected acknowledgements are sent even while workers are busy.</summary>
    private const int MaxCollected = 16;

    /// <summary>The longest time that an acknowledgement is held back while fewer than half of the prefetched messages are unacknowledged.</summary>
    private static readonly TimeSpan CollectionTime = TimeSpan.FromMilliseconds(1);

    /// <summary>How long after the credit was used up a delivery can be one that waited for it. A busy broker or process needs time to deliver it.</summary>
    private static readonly TimeSpan CreditDelay = TimeSpan.FromMilliseconds(900);

    private readonly ITransportChannel _channel;
    private readonly TimeProvider _time;
    private readonly int _prefetch;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private readonly DeliveryOrder _order;
    private readonly List<(ulong Tag, bool Multiple)> _sending = [];
    private TaskCompletionSource? _whenIdle;
    private TaskCompletionSource? _whenSent;
    private int _unended;
    private long? _usedUpAt;
    private bool _isFlushing;
    private bool _isTimerSet;

    /// <param name="channel">The channel that the deliveries come from.</param>
    /// <param name="time">The clock.</param>
    /// <param name="prefetch">How many unacknowledged deliveries the broker allows.</param>
    public AckTracker(ITransportChannel channel, TimeProvider time, int prefetch)
    {
        _channel = channel;
        _time = time;
        _prefetch = prefetch;
        _order = new DeliveryOrder(maxPooled: 2 * prefetch); // unacknowledged ones, and settled ones whose calls run
        using (AmbientFlow.Suppress())
        {
            _timer = time.CreateTimer(static tracker => ((AckTracker)tracker!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Whether at least half of the prefetched messages are unacknowledged: the broker soon delivers no more. Read under the lock.</summary>
    private bool IsHalfUnacknowledged => 2 * _order.UnacknowledgedCount >= _prefetch;

    /// <summary>Whether a drain waits for the last acknowledgement: then no acknowledgements are collected. Read under the lock.</summary>
    private bool IsDraining => _whenIdle is not null;

    /// <summary>Adds a delivery. A body over <paramref name="maxBodyBytes"/> is not kept.</summary>
    public Delivery Add(in IncomingMessage message, long receivedAt, int maxBodyBytes)
    {
        Delivery delivery;
        lock (_gate)
        {
            delivery = _order.Rent();
        }

        delivery.Begin(in message, receivedAt, maxBodyBytes);
        lock (_gate)
        {
            _unended++;
            delivery.FoundCredit = _usedUpAt is not { } last || _time.GetElapsedTime(last, receivedAt) > CreditDelay;
            _order.Enter(delivery);
        }

        return delivery;
    }

    /// <summary>
    /// Rejects a delivery before its call ends; does nothing if it is acknowledged already. Returns false if the channel is
    /// closed, which leaves the message with the broker.
    /// </summary>
    public async ValueTask<bool> RejectAsync(Delivery delivery)
    {
        if (delivery.Ack != AckState.Pending)
        {
            return true; // acknowledged early: only its own call, on this thread, changes this state
        }

        lock (_gate)
        {
            NoteUsedUp(); // the next delivery can be a message that waited for this credit
        }

        try
        {
            // The delivery stays Pending meanwhile, so that no acknowledgement of later deliveries includes it.
            await _channel.RejectAsync(delivery.Tag, CancellationToken.None).ConfigureAwait(false);
        }
        catch (TransportClosedException)
        {
            return false;
        }

        lock (_gate)
        {
            _order.MarkRejected(delivery);
        }

        return true;
    }

    /// <summary>Makes the acknowledgement due although the delivery's call has not run yet.</summary>
    public void MakeDueEarly(Delivery delivery)
    {
        lock (_gate)
        {
            Debug.Assert(!delivery.IsEnded, "An ended delivery belongs to nobody.");
            MarkDue(delivery);
        }
    }

    /// <summary>Takes a delivery whose acknowledgement is about to be sent by itself. False if it was taken or acknowledged before.</summary>
    public bool TryBeginEarly(Delivery delivery)
    {
        lock (_gate)
        {
            return DeliveryOrder.TryMarkEarly(delivery);
        }
    }

    /// <summary>The acknowledgement of a delivery that was taken is sent.</summary>
    public void EndEarly(Delivery delivery)
    {
        lock (_gate)
        {
            NoteUsedUp();
            _order.MarkSent(delivery);
        }
    }

    /// <summary>
    /// Ends a delivery: its calls have ended and must not use the object any more. With <paramref name="acknowledge"/> it is
    /// acknowledged; otherwise the broker keeps the message.
    /// </summary>
    public void End(Delivery delivery, bool acknowledge)
    {
        lock (_gate)
        {
            Debug.Assert(_unended > 0, "A delivery ends once.");
            _unended--;
            if (acknowledge)
            {
                MarkDue(delivery);
            }

            _order.MarkEnded(delivery);
            if (_unended == 0 && IsDraining)
            {
                StartFlush();
                CompleteIfIdle();
            }
        }
    }

    /// <summary>
    /// Called when workers run out of work: sends the due acknowledgements, or sets a timer while fewer than half of the
    /// prefetched messages are unacknowledged. Without the timer, a lone caller in a loop would cost the broker one more frame a call.
    /// </summary>
    public void Flush()
    {
        lock (_gate)
        {
            if (IsDraining || IsHalfUnacknowledged)
            {
                StartFlush();
            }
            else if (_order.DueCount > 0 && !_isTimerSet)
            {
                _isTimerSet = true;
                _timer.Change(CollectionTime, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>Completes once every delivery has ended and no acknowledgement is due.</summary>
    public Task WhenIdleAsync() => WaitFor(ref _whenIdle);

    /// <summary>Completes once the acknowledgements that are due now are sent, or cannot be, whether their calls have ended or not.</summary>
    public Task WhenSentAsync() => WaitFor(ref _whenSent);

    public void Dispose() => _timer.Dispose();

    void IThreadPoolWorkItem.Execute() => _ = FlushAsync();

    private void OnTimer()
    {
        lock (_gate)
        {
            _isTimerSet = false;
            StartFlush();
        }
    }

    private void MarkDue(Delivery delivery)
    {
        _order.MarkDue(delivery);
        if (_order.DueCount >= MaxCollected)
        {
            StartFlush();
        }
    }

    private void StartFlush()
    {
        if (!_isFlushing && _order.DueCount > 0)
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
#pragma warning disable CA1031 // Acknowledging fails only if the channel is closed: the broker redelivers what was not acknowledged.
            catch (Exception)
#pragma warning restore CA1031
            {
                // The channel reports its closure itself.
            }
        }
    }

    private bool TakeDue()
    {
        lock (_gate)
        {
            Debug.Assert(_isFlushing, "One flush at a time: it owns the list of tags to send.");
            NoteUsedUp();
            _sending.Clear();
            _order.TakeDue(_sending);
            _isFlushing = _sending.Count > 0;
            CompleteIfIdle();
            return _isFlushing;
        }
    }

    private void NoteUsedUp() => _usedUpAt = _order.UnacknowledgedCount >= _prefetch ? _time.GetTimestamp() : _usedUpAt;

    private Task WaitFor(ref TaskCompletionSource? source)
    {
        lock (_gate)
        {
            source ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            StartFlush(); // the channel can be closed right after: nothing is held back
            CompleteIfIdle();
            return source.Task;
        }
    }

    private void CompleteIfIdle()
    {
        if (_order.DueCount > 0 || _isFlushing)
        {
            return;
        }

        _whenSent?.TrySetResult();
        if (_unended == 0)
        {
            _whenIdle?.TrySetResult();
        }
    }
}
