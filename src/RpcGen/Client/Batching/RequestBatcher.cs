using System.Diagnostics;
using RpcGen.Client.Calls;
using RpcGen.Runtime;

namespace RpcGen.Client.Batching;

/// <summary>
/// Batches the calls to one queue. A call that comes alone is sent at once, by itself. Calls that come while a message is
/// in flight wait for its reply, 2 ms at most, and then travel together. Thread-safe.
/// </summary>
/// <remarks>
/// Every message of the batcher, a single call or a batch, has a ticket. Only the latest ticket counts: a late reply to an
/// earlier message changes nothing. Legal moves:
/// <code>
/// from       to         when
/// Idle       InFlight   a call is added: it is sent alone
/// InFlight   Idle       the message is over, no call waits, and it had one call
/// InFlight   Gathering  the message is over or too slow, and calls wait or its callers are about to call again
/// Gathering  InFlight   the waiting calls are sent
/// Gathering  Idle       nobody called
/// </code>
/// </remarks>
internal sealed class RequestBatcher : IBatchOwner, IThreadPoolWorkItem, IDisposable
{
    /// <summary>The maximum number of calls in a batch.</summary>
    public const int MaxCalls = 512;

    /// <summary>The approximate maximum size of a batch in bytes. A larger call is never batched: see <see cref="MaxBodyBytes"/>.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>The largest body of a call that can be batched.</summary>
    public const int MaxBodyBytes = 16 * 1024;

    /// <summary>
    /// Clients with a lower message limit do not batch: replies that come together could exceed the limit although each one
    /// does not.
    /// </summary>
    public const int LeastMessageBytes = 1024 * 1024;

    /// <summary>A broker with a known limit below this gets no batches, because a few large calls together could exceed the limit.</summary>
    public const int LeastBrokerBytes = 2 * MaxBytes;

    /// <summary>How often gathering yields to the thread pool.</summary>
    public const int MaxYields = 4;

    /// <summary>How long calls wait for the reply to the message in flight.</summary>
    public static readonly TimeSpan ReplyTimeout = TimeSpan.FromMilliseconds(2);

    /// <summary>How long no call is batched after a server has shown that it cannot read batches.</summary>
    public static readonly TimeSpan PauseTime = TimeSpan.FromMinutes(1);

    private readonly string _exchange;
    private readonly ICallSender _calls;
    private readonly Func<PendingBatch, string, bool> _sendBatch;
    private readonly BatchPool _pool;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Queue<WaitingCall> _waiting = new();
    private readonly ITimer _timer;
    private BatcherState _state;
    private long _ticket;
    private long _timedTicket;
    private int _lastSize;
    private int _yields;
    private long _pausedUntil = long.MinValue;

    /// <summary>Creates an idle batcher.</summary>
    /// <param name="exchange">The exchange that all calls go to.</param>
    /// <param name="calls">Sends single calls.</param>
    /// <param name="sendBatch">Sends a batch to the exchange, and returns whether a message was sent.</param>
    /// <param name="pool">Where batches come from.</param>
    /// <param name="time">The clock.</param>
    public RequestBatcher(string exchange, ICallSender calls, Func<PendingBatch, string, bool> sendBatch, BatchPool pool, TimeProvider time)
    {
        _exchange = exchange;
        _calls = calls;
        _sendBatch = sendBatch;
        _pool = pool;
        _time = time;
        using (AmbientFlow.Suppress())
        {
            _timer = time.CreateTimer(static batcher => ((RequestBatcher)batcher!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The current state.</summary>
    public BatcherState State
    {
        get
        {
            lock (_gate)
            {
                return _state;
            }
        }
    }

    /// <summary>Whether calls travel singly for the time being.</summary>
    public bool IsPaused => Volatile.Read(ref _pausedUntil) is var until && until != long.MinValue && _time.GetTimestamp() < until;

    /// <inheritdoc/>
    public void Pause() => Volatile.Write(ref _pausedUntil, _time.GetTimestamp() + (long)(PauseTime.TotalSeconds * _time.TimestampFrequency));

    /// <summary>Sends a waiting call: at once if no message is in flight, otherwise with the others that wait.</summary>
    public void Add(PendingCall call, long generation)
    {
        lock (_gate)
        {
            if (_state != BatcherState.Idle)
            {
                _waiting.Enqueue(new WaitingCall(call, generation, LengthOf(call)));
                LimitTheWait();
                return;
            }

            call.BatchTicket = BeginMessage(size: 1); // before the call is sent: its reply reports the ticket
        }

        _calls.TrySend(call, generation);
    }

    /// <inheritdoc/>
    public void OnMessageOver(long ticket)
    {
        lock (_gate)
        {
            if (_state == BatcherState.InFlight && ticket == _ticket)
            {
                EndMessage();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    /// <summary>Sends the calls that wait.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        WaitingCall single;
        PendingBatch? batch;
        lock (_gate)
        {
            Debug.Assert(_state == BatcherState.Gathering, "Work is queued on the move to Gathering, and done once.");
            if (IsWorthYielding())
            {
                _yields++;
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                return;
            }

            if (!_waiting.TryDequeue(out single))
            {
                _state = BatcherState.Idle;
                return;
            }

            batch = _waiting.Count == 0 ? null : CreateBatch(single);
            long ticket = BeginMessage(size: batch is null ? 1 : batch.Calls.Length);
            batch?.SetTicket(ticket);
            if (batch is null && single.Call.TryPin(single.Generation))
            {
                single.Call.BatchTicket = ticket;
                single.Call.Unpin();
            }

            LimitTheWait();
        }

        if (batch is null)
        {
            _calls.TrySend(single.Call, single.Generation);
        }
        else if (!_sendBatch(batch, _exchange))
        {
            OnMessageOver(batch.Ticket);
            batch.Drop();
        }
    }

    /// <summary>
    /// Whether most callers of the last message have not called again yet. They were resumed together by its reply; yielding
    /// lets them enqueue their next calls first.
    /// </summary>
    private bool IsWorthYielding() => _waiting.Count < _lastSize / 2 && _yields < MaxYields;

    /// <summary>A batch of the first call and as many of the waiting ones as fit.</summary>
    private PendingBatch CreateBatch(WaitingCall first)
    {
        PendingBatch batch = _pool.Rent(this);
        batch.Add(first.Call, first.Generation);
        int bytes = first.Bytes;
        while (batch.Calls.Length < MaxCalls && _waiting.TryPeek(out WaitingCall next) && (bytes += next.Bytes) <= MaxBytes)
        {
            _waiting.Dequeue();
            batch.Add(next.Call, next.Generation);
        }

        return batch;
    }

    /// <summary>The maximum size of a call's entry, without the parts that all entries have, such as id and budget. 512 times these parts fit into the other half of <see cref="LeastBrokerBytes"/>.</summary>
    private static int LengthOf(PendingCall call) =>
        call.Body.Length + (call.Batching?.EncodedName.EncodedUtf8Bytes.Length ?? 0) + (call.TraceParent?.Length ?? 0) + RequestHeaders.JsonLengthOf(call.Headers);

    private long BeginMessage(int size)
    {
        Debug.Assert(_state is BatcherState.Idle or BatcherState.Gathering, "One message is in flight at a time.");
        _state = BatcherState.InFlight;
        _lastSize = size;
        return ++_ticket;
    }

    /// <summary>Ends the wait for the message in flight.</summary>
    private void EndMessage()
    {
        Debug.Assert(_state == BatcherState.InFlight, "Only a message in flight can end.");
        if (_waiting.Count == 0 && _lastSize == 1)
        {
            _state = BatcherState.Idle;
            return;
        }

        _state = BatcherState.Gathering;
        _yields = 0;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Makes sure that waiting calls do not wait too long for the message in flight. One timer is enough for each message.</summary>
    private void LimitTheWait()
    {
        if (_waiting.Count > 0 && _state == BatcherState.InFlight && _timedTicket != _ticket)
        {
            _timedTicket = _ticket;
            _timer.Change(ReplyTimeout, Timeout.InfiniteTimeSpan);
        }
    }

    private void OnTimer()
    {
        lock (_gate)
        {
            // The timer can have been started for an earlier message.
            if (_state == BatcherState.InFlight && _waiting.Count > 0 && _timedTicket == _ticket)
            {
                EndMessage();
            }
        }
    }

    private readonly record struct WaitingCall(PendingCall Call, long Generation, int Bytes);
}

/// <summary>The states of a <see cref="RequestBatcher"/>, which has the table of legal moves.</summary>
internal enum BatcherState
{
    /// <summary>No message is in flight.</summary>
    Idle,

    /// <summary>A message is in flight, and no reply to it has arrived.</summary>
    InFlight,

    /// <summary>The waiting calls are about to be sent.</summary>
    Gathering,
}
