using RpcGen.Diagnostics;
using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Client;

/// <summary>
/// One call from the moment its caller calls until the caller has its outcome. Objects are pooled; a generation, kept with
/// the stage in one atomic word, tells one use from the next, so that whoever comes late (a reply, a timer, a lost
/// connection) cannot touch the wrong call: to end a call is to win its one move to <see cref="CallStage.Done"/>.
/// </summary>
internal abstract class PendingCall
{
    private const int StageBits = 3;
    private const long StageMask = (1 << StageBits) - 1;
    private const int SlotBits = 24;
    private const int GenerationBits = 64 - SlotBits;

    private readonly CallDeadline _timer;
    private long _state;
    private int _holds;

    protected PendingCall(CallSession session)
    {
        Session = session;
        (Slot, long generation) = session.Table.Add(this);
        _state = Pack(generation, CallStage.Idle);
        _timer = new CallDeadline(this, session.Environment.Time);
    }

    /// <summary>The largest number of calls that can be pending at a time.</summary>
    public const int MaxSlots = 1 << SlotBits;

    public CallSession Session { get; }

    /// <summary>This object's place in the table.</summary>
    public int Slot { get; }

    public RpcMethod Method { get; private set; } = null!;

    public ServiceAddress Service { get; private set; } = null!;

    /// <summary>The correlation id.</summary>
    public CorrelationId Id { get; private set; }

    /// <summary>The request's body. Belongs to the call until nobody publishes it any more.</summary>
    public PooledBuffer Body { get; } = new();

    /// <summary>When time is up, as a timestamp of the clock; <see cref="long.MaxValue"/> for never.</summary>
    public long Deadline { get; private set; }

    /// <summary>How long the call may take in all, for messages.</summary>
    public TimeSpan Timeout { get; private set; }

    /// <summary>The request's priority.</summary>
    public byte Priority { get; set; }

    /// <summary>Whether it was made by a handler: it may end with that, when everything else is disposed.</summary>
    public bool IsNested { get; private set; }

    /// <summary>The request's headers, less <see cref="TraceParent"/>; null for none.</summary>
    public IReadOnlyDictionary<string, object?>? Headers { get; set; }

    /// <summary>The span that this call is (W3C Trace Context); null where nobody traces.</summary>
    public string? TraceParent { get; set; }

    /// <summary>Where the reply's metadata goes; null where nobody asks.</summary>
    public RpcMetadata? ReplyMetadata { get; set; }

    /// <summary>Who watches it; null where nobody does.</summary>
    public ClientObservation? Observation { get; set; }

    /// <summary>How often it was sent: more than once, and an earlier sending may have reached a server.</summary>
    public int Sendings { get; set; }

    /// <summary>How it may share a message; null where it may not.</summary>
    public BatchedMethod? Batched { get; set; }

    /// <summary>Which turn of its lane it was sent in; 0 for none.</summary>
    public long Turn { get; set; }

    /// <summary>The connection that it was sent on last.</summary>
    public CallLink? Link { get; set; }

    /// <summary>Starts a use of this object; the stage is <see cref="CallStage.Preparing"/> then.</summary>
    /// <returns>The generation of this use.</returns>
    protected long Begin(RpcMethod method, ServiceAddress service, TimeSpan timeout, long deadline)
    {
        Method = method;
        Service = service;
        Timeout = timeout;
        Deadline = deadline;
        IsNested = RpcCallContext.Current is not null;
        Sendings = 0;
        Turn = 0;
        Link = null;
        long generation = ((Volatile.Read(ref _state) >> StageBits) + 1) & ((1L << GenerationBits) - 1);
        Id = new CorrelationId(Session.Cipher.Encrypt(((ulong)generation << SlotBits) | (uint)Slot));
        Volatile.Write(ref _state, Pack(generation, CallStage.Preparing));
        Volatile.Write(ref _holds, 1); // after the generation: who is late for the last use must not hold this one
        return generation;
    }

    /// <summary>Splits what <see cref="CallIdCipher.Decrypt"/> gives into slot and generation.</summary>
    public static (int Slot, long Generation) Unpack(ulong key) => ((int)(key & (MaxSlots - 1)), (long)(key >> SlotBits));

    /// <summary>The current use, and how far it has come.</summary>
    public (long Generation, CallStage Stage) Current
    {
        get
        {
            long state = Volatile.Read(ref _state);
            return (state >> StageBits, (CallStage)(state & StageMask));
        }
    }

    /// <summary>Moves a use from one stage to another; false where it is elsewhere or over.</summary>
    public bool TryMove(long generation, CallStage from, CallStage to)
    {
        long expected = Pack(generation, from);
        return Interlocked.CompareExchange(ref _state, Pack(generation, to), expected) == expected;
    }

    /// <summary>Wins the right to give the use its outcome; false where another has won or it is over.</summary>
    public bool TryFinish(long generation) => TryFinish(generation, out _);

    /// <param name="generation">The use.</param>
    /// <param name="was">How far it had come.</param>
    public bool TryFinish(long generation, out CallStage was)
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

    /// <summary>Ends the use with an exception, unless it has its outcome already.</summary>
    public void TryFail(long generation, Exception exception)
    {
        if (TryFinish(generation))
        {
            SetException(exception);
        }
    }

    /// <summary>
    /// What remains until the deadline, rounded up, at least 1. For no deadline the longest that AMQP can say, so that the
    /// server does not take the method's own.
    /// </summary>
    public long RemainingMilliseconds()
    {
        if (Deadline == long.MaxValue)
        {
            return (long)RpcTimeouts.Longest.TotalMilliseconds;
        }

        TimeProvider time = Session.Environment.Time;
        TimeSpan remaining = time.GetElapsedTime(time.GetTimestamp(), Deadline);
        return Math.Max(1, (long)Math.Ceiling(remaining.TotalMilliseconds));
    }

    /// <summary>Watches the deadline, from now on.</summary>
    public void WatchDeadline() => _timer.Watch();

    /// <summary>Reads the reply's body as the result and ends the call with it. For whoever won <see cref="TryFinish(long)"/>.</summary>
    public abstract void SetReply(ReadOnlyMemory<byte> body);

    /// <summary>Ends the call with an exception. For whoever won <see cref="TryFinish(long)"/>.</summary>
    public abstract void SetException(Exception exception);

    /// <summary>Ends a use that was begun but not handed to its caller, who therefore waits for no outcome.</summary>
    public void Discard(long generation)
    {
        if (TryFinish(generation))
        {
            Observation = null;
            StopWatching();
            TryMove(generation, CallStage.Done, CallStage.Idle);
            Release();
        }
    }

    /// <summary>Has nobody outside end this use any more.</summary>
    protected virtual void StopWatching()
    {
    }

    /// <summary>Keeps the object, its body above all, from being used again until released; false where the use is over.</summary>
    public bool TryHold(long generation)
    {
        int holds = Volatile.Read(ref _holds);
        while (holds > 0)
        {
            int seen = Interlocked.CompareExchange(ref _holds, holds + 1, holds);
            if (seen == holds)
            {
                if (Current.Generation == generation)
                {
                    return true;
                }

                Release(); // of the next use, which this was not meant for
                return false;
            }

            holds = seen;
        }

        return false;
    }

    /// <summary>Ends a hold; the last one puts the object back into its pool.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _holds) == 0)
        {
            Body.Reset();
            Link = null;
            Headers = null;
            TraceParent = null;
            ReplyMetadata = null;
            Recycle();
        }
    }

    /// <summary>Ends the object's life: it is not pooled again.</summary>
    public void Retire()
    {
        Session.Table.Remove(Slot, Current.Generation);
        _timer.Stop();
        Body.Release();
    }

    /// <summary>Tells whoever watches of the outcome, right before the caller gets it.</summary>
    protected void EndObservation(Exception? exception)
    {
        if (Observation is { } observation)
        {
            Observation = null;
            BrokerHost? host = Link?.Host;
            observation.End(exception, Id.ToString(), host?.Name, host?.Port ?? 0);
        }
    }

    /// <summary>Gets the object ready for its next use.</summary>
    protected abstract void Recycle();

    private static long Pack(long generation, CallStage stage) => (generation << StageBits) | (long)stage;
}
