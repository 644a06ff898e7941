using System.Diagnostics;
using RpcGen.Server.Replying;

namespace RpcGen.Server.Running;

/// <summary>
/// Holds the calls of a channel that have not ended, and starts them: at most <c>maxRunning</c> at a time, in the order of
/// their arrival. Workers of the thread pool take calls until none is left. While there is something to start, another
/// worker is always queued, so that a handler that blocks its thread does not hold up other calls. Thread-safe.
/// </summary>
/// <remarks>
/// All moves are made under one lock.
/// <list type="table">
/// <listheader><term>Move of a call</term><description>Cause</description></listheader>
/// <item><term>pooled → rented</term><description><see cref="Rent"/>; a new object if the pool is empty.</description></item>
/// <item><term>rented → waiting</term><description><see cref="Add(ServerCall)"/>, <see cref="Add(IEnumerable{ServerCall})"/>.</description></item>
/// <item><term>waiting → running</term><description>A worker takes the oldest while fewer than <c>maxRunning</c> run.</description></item>
/// <item><term>running → pooled</term><description><see cref="End"/>; beyond the pool's bound the object is dropped.</description></item>
/// </list>
/// </remarks>
/// <param name="runner">Runs the calls.</param>
/// <param name="deadlines">Watches the deadlines of calls that have started.</param>
/// <param name="maxRunning">How many calls run at a time.</param>
internal sealed class CallScheduler(ICallRunner runner, EarliestDeadline deadlines, int maxRunning) : IThreadPoolWorkItem, IGatheredReplyQueue
{
    private readonly Lock _gate = new();
    private readonly Queue<ServerCall> _waiting = new();
    private readonly List<ServerCall> _unended = [];
    private readonly Queue<IGatheredReplies> _unsent = new();
    private readonly Stack<ServerCall> _pool = new();
    private readonly int _maxPooled = Math.Max(1024, 2 * maxRunning); // a batch brings more calls than run at a time
    private int _running;
    private bool _isWorkerQueued;

    /// <summary>How many calls run, and how many wait for a place.</summary>
    public (int Running, int Waiting) Load
    {
        get
        {
            lock (_gate)
            {
                return (_running, _waiting.Count);
            }
        }
    }

    /// <summary>Whether a call could start now. Read under the lock.</summary>
    private bool CanStart => _waiting.Count > 0 && _running < maxRunning;

    /// <summary>Gets an object for a call that is about to be added.</summary>
    public ServerCall Rent()
    {
        lock (_gate)
        {
            return _pool.TryPop(out ServerCall? call) ? call : new ServerCall(deadlines);
        }
    }

    /// <summary>Adds a call, which starts now or when a place is free.</summary>
    public void Add(ServerCall call)
    {
        lock (_gate)
        {
            Enter(call);

            // A lone call goes to this thread's own queue: this thread is about to become idle, and need not wake another.
            QueueWorkerIfNeeded(preferLocal: _unended.Count == 1);
        }
    }

    /// <summary>Adds the calls of a batch.</summary>
    public void Add(IEnumerable<ServerCall> calls)
    {
        lock (_gate)
        {
            foreach (ServerCall call in calls)
            {
                Enter(call);
            }

            QueueWorkerIfNeeded();
        }
    }

    /// <inheritdoc/>
    public void Add(IGatheredReplies replies)
    {
        lock (_gate)
        {
            _unsent.Enqueue(replies);
            QueueWorkerIfNeeded();
        }
    }

    /// <summary>Ends a call. Its object must not be used any more.</summary>
    /// <returns>Whether calls wait for a place.</returns>
    public bool End(ServerCall call)
    {
        lock (_gate)
        {
            Debug.Assert(_running > 0 && ReferenceEquals(_unended[call.Place], call), "A call ends once, and only after it was started.");
            _running--;
            ServerCall last = _unended[^1];
            last.Place = call.Place;
            _unended[call.Place] = last;
            _unended.RemoveAt(_unended.Count - 1);
            call.Reset();
            if (_pool.Count < _maxPooled)
            {
                _pool.Push(call);
            }
            else
            {
                call.Reply.Release();
            }

            QueueWorkerIfNeeded();
            return _waiting.Count > 0;
        }
    }

    /// <summary>Fires the tokens of calls whose deadline has passed.</summary>
    /// <returns>The earliest deadline still ahead; <see cref="long.MaxValue"/> for none.</returns>
    public long CancelLate(long now)
    {
        long next = long.MaxValue;
        lock (_gate)
        {
            foreach (ServerCall call in _unended)
            {
                next = Math.Min(next, call.CancelIfLate(now));
            }
        }

        return next;
    }

    /// <summary>Cancels the call with this reply address and correlation id; false if it is not here.</summary>
    public bool TryCancel(string replyTo, string correlationId)
    {
        lock (_gate)
        {
            foreach (ServerCall call in _unended)
            {
                if (call.TryCancelByCaller(replyTo, correlationId))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Abandons every call that has not ended; <paramref name="onAbandoned"/> gets each, under the lock.</summary>
    public void AbandonAll(Action<ServerCall> onAbandoned)
    {
        lock (_gate)
        {
            foreach (ServerCall call in _unended)
            {
                onAbandoned(call);
                call.Abandon();
            }
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        lock (_gate)
        {
            _isWorkerQueued = false;
        }

        while (true)
        {
            if (TryTakeCall(out IGatheredReplies? replies) is { } call)
            {
                _ = runner.RunAsync(call);
            }
            else if (replies is null)
            {
                break;
            }
            else if (replies.IsWorthWaiting())
            {
                Add(replies);
                return;
            }
            else
            {
                _ = replies.SendAsync();
            }
        }

        runner.OnIdle();
    }

    /// <summary>Takes a call to run; if none can start, takes replies to send.</summary>
    private ServerCall? TryTakeCall(out IGatheredReplies? replies)
    {
        lock (_gate)
        {
            if (!CanStart)
            {
                _unsent.TryDequeue(out replies);
                return null;
            }

            replies = null;
            _running++;
            ServerCall call = _waiting.Dequeue();
            QueueWorkerIfNeeded();
            return call;
        }
    }

    private void Enter(ServerCall call)
    {
        call.Place = _unended.Count;
        _unended.Add(call);
        _waiting.Enqueue(call);
    }

    private void QueueWorkerIfNeeded(bool preferLocal = false)
    {
        if (!_isWorkerQueued && (_unsent.Count > 0 || CanStart))
        {
            _isWorkerQueued = true;
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal);
        }
    }
}
