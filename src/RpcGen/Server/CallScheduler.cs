namespace RpcGen.Server;

/// <summary>
/// The calls of a channel that have not ended: which wait, which run, and no more of these at a time than there are places.
/// Thread-pool workers run them, each as many as it finds. While there is something to start, another worker is always on
/// its way: so a call that holds its thread keeps no other from running. Thread-safe.
/// </summary>
internal sealed class CallScheduler(ICallRunner runner, int maxRunning) : IThreadPoolWorkItem
{
    private readonly Lock _gate = new();
    private readonly Queue<ServerCall> _ready = new();
    private readonly List<ServerCall> _unended = [];
    private readonly Queue<BatchReplies> _unsent = new();
    private readonly Stack<ServerCall> _pool = new();
    private readonly int _maxKept = Math.Max(1024, 2 * maxRunning);
    private int _running;
    private bool _isWorkerQueued;

    /// <summary>How many calls run, and how many wait for a place.</summary>
    public (int Running, int Waiting) Load
    {
        get
        {
            lock (_gate)
            {
                return (_running, _ready.Count);
            }
        }
    }

    /// <summary>An object for a call that is about to be added.</summary>
    public ServerCall Rent()
    {
        lock (_gate)
        {
            return _pool.TryPop(out ServerCall? call) ? call : new ServerCall(runner);
        }
    }

    /// <summary>Enters a call; it runs now or when a place is free.</summary>
    public void Add(ServerCall call)
    {
        lock (_gate)
        {
            Enter(call);
            QueueWorker(isLocal: _unended.Count == 1);
        }
    }

    /// <summary>Enters the calls of a batch.</summary>
    public void Add(IEnumerable<ServerCall> calls)
    {
        lock (_gate)
        {
            foreach (ServerCall call in calls)
            {
                Enter(call);
            }

            QueueWorker();
        }
    }

    /// <summary>A call has ended, and its object is no longer the caller's.</summary>
    /// <returns>Whether there is something to start.</returns>
    public bool End(ServerCall call)
    {
        lock (_gate)
        {
            _running--;
            ServerCall last = _unended[^1];
            last.Place = call.Place;
            _unended[call.Place] = last;
            _unended.RemoveAt(_unended.Count - 1);
            call.Reset();
            if (_pool.Count < _maxKept)
            {
                _pool.Push(call);
            }
            else
            {
                call.Reply.Release();
            }

            QueueWorker();
            return _ready.Count > 0;
        }
    }

    /// <summary>There are replies that a worker has to send once it finds nothing to start.</summary>
    public void AddUnsent(BatchReplies replies)
    {
        lock (_gate)
        {
            _unsent.Enqueue(replies);
            QueueWorker();
        }
    }

    /// <summary>Does something to every call that has not ended, until told to stop. Under the lock: it must be brief.</summary>
    public void ForEachUnended(Func<ServerCall, bool> action)
    {
        lock (_gate)
        {
            foreach (ServerCall call in _unended)
            {
                if (!action(call))
                {
                    return;
                }
            }
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        lock (_gate)
        {
            _isWorkerQueued = false;
        }

        while (Take(out BatchReplies? replies) is var call && (call is not null || replies is not null))
        {
            if (call is not null)
            {
                _ = runner.RunAsync(call);
            }
            else if (replies!.IsWorthWaiting())
            {
                AddUnsent(replies);
                return;
            }
            else
            {
                _ = replies.SendAsync();
            }
        }

        runner.OnIdle();
    }

    /// <summary>Takes a call to run; if there is none, replies to send.</summary>
    private ServerCall? Take(out BatchReplies? replies)
    {
        lock (_gate)
        {
            if (_ready.Count > 0 && _running < maxRunning)
            {
                replies = null;
                _running++;
                ServerCall call = _ready.Dequeue();
                QueueWorker();
                return call;
            }

            _unsent.TryDequeue(out replies);
            return null;
        }
    }

    private void Enter(ServerCall call)
    {
        call.Place = _unended.Count;
        _unended.Add(call);
        _ready.Enqueue(call);
    }

    /// <param name="isLocal">
    /// Whether this thread, a thread pool's that brings a lone call and has nothing to do then, had better run it than wait
    /// for another to wake up; others take the work from it where it goes on.
    /// </param>
    private void QueueWorker(bool isLocal = false)
    {
        if (!_isWorkerQueued && (_unsent.Count > 0 || (_ready.Count > 0 && _running < maxRunning)))
        {
            _isWorkerQueued = true;
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: isLocal);
        }
    }
}
