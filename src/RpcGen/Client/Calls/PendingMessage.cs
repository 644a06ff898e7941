using System.Diagnostics;
using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Client.Calls;

/// <summary>
/// A request that a reply can still arrive for: one call, or a batch of calls. It has a slot, a stage, a deadline
/// and pins. Objects are used again and again; the generation, kept with the stage in one atomic word, tells one use from
/// the next. A late reply, timer or link loss therefore cannot touch the wrong use.
/// </summary>
/// <remarks>
/// Legal moves:
/// <code>
/// from               to         when                                                                  by
/// Idle               Preparing  Begin                                                                 its owner
/// Preparing          Waiting    prepared, and its queue inspected where that is asked for             one thread
/// Preparing          Sent       a batch, written and about to be published                            one thread
/// Waiting            Sending    taken for sending                                                     one of several
/// Sending            Sent       link and attempt are recorded                                         the thread that took it
/// Sent               Waiting    to be sent again                                                      one of several
/// Sent               Sending    not sent after all, or a server sent it back                          one of several
/// Sending            Waiting    the attempt is taken back, or is to be repeated                       the thread that took it
/// all but Idle, Done Done       TryComplete: reply, fault, return, deadline, cancellation, loss, ...  one of several
/// Done               Idle       TryEnd: the outcome is being taken                                    one of several
/// </code>
/// The life of one use: <see cref="BeginUse"/>, <see cref="TryComplete(long, out CallStage)"/>, <see cref="TryEnd"/>, then
/// <see cref="Unpin"/> of the use's own pin. When the last pin is gone, <see cref="Recycle"/> puts the object back into its
/// pool or, if the pool is full, ends its life.
/// </remarks>
internal abstract class PendingMessage : IExpiring
{
    private const int StageBits = 3;
    private const long StageMask = (1 << StageBits) - 1;

    private readonly SlotTable<PendingMessage> _table;
    private readonly TimeProvider _time;
    private readonly DeadlineTimer _timer;
    private readonly int _slot;
    private long _state;
    private int _pins;

    /// <summary>Creates an idle object with a slot of its own.</summary>
    protected PendingMessage(SlotTable<PendingMessage> table, TimeProvider time)
    {
        _table = table;
        _time = time;
        _timer = new DeadlineTimer(this, time);
        (_slot, long generation) = table.Add(this);
        Volatile.Write(ref _state, Pack(generation, CallStage.Idle));
    }

    /// <summary>The correlation id of the current use.</summary>
    public CorrelationId Id { get; private set; }

    /// <summary>The request's body. It stays unchanged as long as the object is pinned.</summary>
    public PooledBuffer Body { get; } = new();

    /// <inheritdoc/>
    public long Deadline { get; private set; } = long.MaxValue;

    /// <inheritdoc/>
    public TimeSpan Timeout { get; private set; }

    /// <summary>Whether the deadline of the current use has passed, even if no timer has said so yet.</summary>
    public bool IsOverdue => Deadline <= _time.GetTimestamp();

    /// <summary>The link that it was sent on last; null before.</summary>
    public CallLink? Link { get; protected set; }

    /// <inheritdoc/>
    public (long Generation, CallStage Stage) Current
    {
        get
        {
            long state = Volatile.Read(ref _state);
            return (state >> StageBits, (CallStage)(state & StageMask));
        }
    }

    /// <summary>The time until the deadline in milliseconds, rounded up, at least 1.</summary>
    /// <remarks>
    /// Without a deadline it is the longest that AMQP can express: with no expiration at all, the server would apply the
    /// method's own timeout.
    /// </remarks>
    public long RemainingMilliseconds() => RemainingMilliseconds(_time.GetTimestamp());

    /// <inheritdoc cref="RemainingMilliseconds()"/>
    /// <param name="now">The moment, as a timestamp of the clock.</param>
    public long RemainingMilliseconds(long now)
    {
        if (Deadline == long.MaxValue)
        {
            return (long)RpcTimeouts.Longest.TotalMilliseconds;
        }

        TimeSpan remaining = _time.GetElapsedTime(now, Deadline);
        return Math.Max(1, (long)Math.Ceiling(remaining.TotalMilliseconds));
    }

    /// <summary>Sets the deadline of the current use.</summary>
    public void SetDeadline(CallDeadline deadline)
    {
        Debug.Assert(Current.Stage is CallStage.Preparing or CallStage.Done, "The deadline is set before anybody else can send the message; disposal can have ended it.");
        Timeout = deadline.Timeout;
        Deadline = deadline.Timestamp;
    }

    /// <summary>Watches the deadline of the current use.</summary>
    public void WatchDeadline() => _timer.Watch();

    /// <summary>Ends the watch for good: no use of this object has a deadline any more.</summary>
    public void StopWatching() => _timer.Dispose();

    /// <summary>Moves a use from one stage to another.</summary>
    /// <returns>False if the use is at another stage or over.</returns>
    public bool TryMove(long generation, CallStage from, CallStage to)
    {
        Debug.Assert(IsLegal(from, to), $"There is no move from {from} to {to}.");
        long expected = Pack(generation, from);
        return Interlocked.CompareExchange(ref _state, Pack(generation, to), expected) == expected;
    }

    /// <summary>
    /// Wins the right to give a use its outcome. Every ending goes through here, so a use ends once. Until the winner has
    /// given the outcome, the object cannot be used again.
    /// </summary>
    /// <param name="generation">The use.</param>
    /// <param name="was">The stage that it was at.</param>
    /// <returns>False if another thread has won, or the use is over.</returns>
    public bool TryComplete(long generation, out CallStage was)
    {
        while (true)
        {
            long state = Volatile.Read(ref _state);
            was = (CallStage)(state & StageMask);
            if (state >> StageBits != generation || was is CallStage.Idle or CallStage.Done)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref _state, Pack(generation, CallStage.Done), state) == state)
            {
                return true;
            }
        }
    }

    /// <inheritdoc cref="TryComplete(long, out CallStage)"/>
    public bool TryComplete(long generation) => TryComplete(generation, out _);

    /// <summary>As <see cref="TryComplete(long, out CallStage)"/>, but only for a use that is <see cref="CallStage.Sent"/>.</summary>
    public bool TryCompleteSent(long generation) => TryMove(generation, CallStage.Sent, CallStage.Done);

    /// <summary>As <see cref="TryComplete(long, out CallStage)"/>, but only for a use that is <see cref="CallStage.Waiting"/>.</summary>
    public bool TryCompleteWaiting(long generation) => TryMove(generation, CallStage.Waiting, CallStage.Done);

    /// <summary>
    /// Ends the current use if it is complete. The winner takes the outcome and then undoes the use's own pin with
    /// <see cref="Unpin"/>.
    /// </summary>
    /// <returns>False if the use has ended already, or is not complete.</returns>
    public virtual bool TryEnd() => TryMove(Current.Generation, CallStage.Done, CallStage.Idle);

    /// <summary>Keeps the object, its body above all, from being used again until <see cref="Unpin"/>.</summary>
    /// <returns>False if the use is over and nobody else pins it.</returns>
    public bool TryPin(long generation)
    {
        int pins = Volatile.Read(ref _pins);
        while (pins > 0)
        {
            int seen = Interlocked.CompareExchange(ref _pins, pins + 1, pins);
            if (seen == pins)
            {
                if (Current.Generation == generation)
                {
                    return true;
                }

                Unpin(); // pinned a newer use: undo
                return false;
            }

            pins = seen;
        }

        return false;
    }

    /// <summary>Undoes one pin. The last one makes the object ready for its next use.</summary>
    public void Unpin()
    {
        int pins = Interlocked.Decrement(ref _pins);
        Debug.Assert(pins >= 0, "Each pin is undone once.");
        if (pins == 0)
        {
            Debug.Assert(Current.Stage == CallStage.Idle, "The use itself pins the object until it ends.");
            Recycle();
        }
    }

    /// <summary>A reply arrived.</summary>
    public abstract void OnReply(long generation, MessageKind kind, in IncomingMessage reply);

    /// <summary>The broker returned the message: it has no queue for it.</summary>
    public abstract void OnReturned(long generation, in ReturnedMessage returned);

    /// <summary>The broker refused the message: its queue did not take it.</summary>
    public abstract void OnNacked(long generation);

    /// <summary>The message was certainly not sent on a link, which is closed or about to be.</summary>
    public abstract void OnNotSent(long generation, CallLink link);

    /// <summary>Sending failed, but not because of the link.</summary>
    public abstract void OnSendFailed(long generation, Exception exception);

    /// <summary>A link was lost. The message may have been sent on it.</summary>
    public abstract void OnLinkLost(long generation, CallLink link, string reason);

    /// <inheritdoc/>
    public abstract void OnDeadlineNear();

    /// <inheritdoc/>
    public abstract void OnDeadline(long generation);

    /// <summary>Starts a use. It has no deadline yet, and one pin: its own.</summary>
    /// <returns>The use's generation.</returns>
    protected long BeginUse()
    {
        Debug.Assert(Current.Stage == CallStage.Idle, "A use begins after the last one has ended.");
        Debug.Assert(Volatile.Read(ref _pins) == 0, "A use begins when nobody pins the object any longer.");
        Deadline = long.MaxValue;
        long generation = NextGeneration();
        Id = _table.IdOf(_slot, generation);
        Volatile.Write(ref _state, Pack(generation, CallStage.Preparing));

        // Published last. A stale TryPin sees either no pin, or a pin and the new generation: it fails both ways.
        Volatile.Write(ref _pins, 1);
        return generation;
    }

    /// <summary>The correlation id that the next use gets. For the owner of an idle object.</summary>
    protected CorrelationId NextId() => _table.IdOf(_slot, NextGeneration());

    /// <summary>Makes the object ready for its next use, or ends its life if it is not needed any longer.</summary>
    protected void Recycle()
    {
        Body.Reset();
        Link = null;
        if (!TryRecycle())
        {
            Dispose();
        }
    }

    /// <summary>Forgets the last use and goes back to the pool. The object can be in use again before this returns.</summary>
    /// <returns>False if the pool is full.</returns>
    protected abstract bool TryRecycle();

    /// <summary>Ends the object's life: it leaves its slot.</summary>
    private void Dispose()
    {
        _table.Remove(_slot, Current.Generation);
        StopWatching();
        Body.Release();
    }

    private long NextGeneration() => (Current.Generation + 1) & SlotTable<PendingMessage>.MaxGeneration;

    private static bool IsLegal(CallStage from, CallStage to) => (from, to) is
        (CallStage.Preparing, CallStage.Waiting or CallStage.Sent) or
        (CallStage.Waiting, CallStage.Sending or CallStage.Done) or
        (CallStage.Sending, CallStage.Sent or CallStage.Waiting) or
        (CallStage.Sent, CallStage.Sending or CallStage.Waiting or CallStage.Done) or
        (CallStage.Done, CallStage.Idle);

    private static long Pack(long generation, CallStage stage) => (generation << StageBits) | (long)stage;
}
