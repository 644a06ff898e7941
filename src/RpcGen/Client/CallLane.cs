using RpcGen.Runtime;

namespace RpcGen.Client;

/// <summary>
/// The way of calls to one queue that may share messages. A call that comes alone is sent at once, as it is. What comes
/// while that is under way waits for its reply, for a moment at most, and shares the next message. Thread-safe.
/// </summary>
internal sealed class CallLane : IThreadPoolWorkItem, IDisposable
{
    /// <summary>A message is filled with no more calls than this,</summary>
    private const int MaxCalls = 512;

    /// <summary>and with no more bytes than about this.</summary>
    private const int MaxBytes = 64 * 1024;

    /// <summary>How often the thread pool is let run callers on, who were answered together and are about to call again.</summary>
    private const int MaxYields = 4;

    /// <summary>How long those who wait leave a message without reply in front of them.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(2);

    /// <summary>How long the lane stays closed once a server has shown that it can't read batches.</summary>
    private static readonly TimeSpan Closure = TimeSpan.FromMinutes(1);

    private readonly CallSession _session;
    private readonly CallSender _sender;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Queue<Waiting> _waiting = new();
    private readonly ITimer _timer;
    private PendingBatch? _spare;
    private LaneState _state;
    private long _turn;
    private long _timedTurn;
    private int _lastSize;
    private int _yields;
    private long _closedUntil = long.MinValue;

    public CallLane(CallSession session, CallSender sender, TimeProvider time)
    {
        _session = session;
        _sender = sender;
        _time = time;
        using (AmbientFlow.Suppress())
        {
            _timer = time.CreateTimer(static lane => ((CallLane)lane!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Clients that take no messages of this length share none: replies that come together could be too much for them.</summary>
    public const int LeastMessageBytes = 1024 * 1024;

    /// <summary>The longest body of a call that shares a message.</summary>
    public const int MaxBodyBytes = 16 * 1024;

    /// <summary>Whether no call may share a message for the time being.</summary>
    public bool IsClosed => Volatile.Read(ref _closedUntil) is var until && until != long.MinValue && _time.GetTimestamp() < until;

    /// <summary>A server could not read a batch: calls travel singly for a while.</summary>
    public void Close() => Volatile.Write(ref _closedUntil, _time.GetTimestamp() + (long)(Closure.TotalSeconds * _time.TimestampFrequency));

    /// <summary>Sends a waiting call, at once or with others soon.</summary>
    public void Enter(PendingCall call, long generation)
    {
        lock (_gate)
        {
            if (_state != LaneState.Free)
            {
                _waiting.Enqueue(new Waiting(call, generation, call.Body.Length));
                WatchPatience();
                return;
            }

            call.Turn = NextTurn(size: 1);
        }

        _sender.TrySend(call, generation);
    }

    /// <summary>A reply to the message with this turn has come.</summary>
    public void OnReply(long turn)
    {
        lock (_gate)
        {
            if (_state == LaneState.Taken && turn == _turn)
            {
                Leave();
            }
        }
    }

    /// <summary>Takes back a batch that is over.</summary>
    public void Return(PendingBatch batch)
    {
        batch.Clear();
        if (Interlocked.CompareExchange(ref _spare, batch, null) is not null)
        {
            batch.Retire();
        }
    }

    public void Dispose() => _timer.Dispose();

    /// <summary>Sends what has gathered.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        PendingBatch? batch = null;
        Waiting single = default;
        lock (_gate)
        {
            if (_waiting.Count < _lastSize / 2 && _yields++ < MaxYields)
            {
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                return;
            }

            if (!_waiting.TryDequeue(out single))
            {
                _state = LaneState.Free;
                return;
            }

            int size = 1;
            if (_waiting.Count > 0)
            {
                batch = Interlocked.Exchange(ref _spare, null) ?? new PendingBatch(_session, this);
                batch.Add(single.Call, single.Generation);
                int bytes = single.Bytes;
                while (size < MaxCalls && _waiting.TryPeek(out Waiting next) && (bytes += next.Bytes) <= MaxBytes)
                {
                    _waiting.Dequeue();
                    batch.Add(next.Call, next.Generation);
                    size++;
                }
            }

            long turn = NextTurn(size);
            if (batch is not null)
            {
                batch.Turn = turn;
            }
            else if (single.Call.TryHold(single.Generation))
            {
                single.Call.Turn = turn;
                single.Call.Release();
            }

            WatchPatience();
        }

        if (batch is null)
        {
            _sender.TrySend(single.Call, single.Generation);
        }
        else if (!_sender.TrySendBatch(batch))
        {
            OnReply(batch.Turn);
            Return(batch);
        }
    }

    private long NextTurn(int size)
    {
        _state = LaneState.Taken;
        _lastSize = size;
        return ++_turn;
    }

    /// <summary>Nobody waits for the message under way any longer.</summary>
    private void Leave()
    {
        if (_waiting.Count == 0 && _lastSize == 1)
        {
            _state = LaneState.Free;
            return;
        }

        _state = LaneState.Gathering;
        _yields = 0;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private void WatchPatience()
    {
        if (_waiting.Count > 0 && _state == LaneState.Taken && _timedTurn != _turn)
        {
            _timedTurn = _turn;
            _timer.Change(Patience, Timeout.InfiniteTimeSpan);
        }
    }

    private void OnTimer()
    {
        lock (_gate)
        {
            if (_state == LaneState.Taken && _waiting.Count > 0 && _timedTurn == _turn)
            {
                Leave();
            }
        }
    }

    /// <summary>A call that waits for its turn.</summary>
    private readonly record struct Waiting(PendingCall Call, long Generation, int Bytes);

    private enum LaneState
    {
        /// <summary>No message is under way.</summary>
        Free,

        /// <summary>One is, and no reply to it has come.</summary>
        Taken,

        /// <summary>Those who wait are about to be sent.</summary>
        Gathering,
    }
}
