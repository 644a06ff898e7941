using System.Diagnostics;
using RpcGen.Protocol;
using RpcGen.Server.Acknowledging;
using RpcGen.Server.Replying;
using RpcGen.Transport;

namespace RpcGen.Server.Running;

/// <summary>
/// Holds the calls of a channel that have not ended, and starts them: at most <c>maxRunning</c> at a time, delivery by delivery in
/// turn (<see cref="WaitingCalls"/>). Workers of the thread pool take calls until none is left. While there is something to start, another
/// worker is always queued, so that a handler that blocks its thread does not hold up other calls. The calls of all batches
/// together are limited: a batch that exceeds the limit is parked until enough calls have ended. Thread-safe.
/// </summary>
/// <remarks>
/// All moves are made under one lock.
/// <list type="table">
/// <listheader><term>Move of a call</term><description>Cause</description></listheader>
/// <item><term>pooled → rented</term><description><see cref="Rent"/>; a new object if the pool is empty.</description></item>
/// <item><term>rented → waiting</term><description><see cref="Add(ServerCall)"/>, <see cref="TryAdd"/>.</description></item>
/// <item><term>waiting → running</term><description>A worker takes the one whose turn it is while fewer than <c>maxRunning</c> run.</description></item>
/// <item><term>running → parked</term><description><see cref="TryAdd"/>: a batch for whose calls there is no room. Its calls go back to the pool.</description></item>
/// <item><term>parked → running</term><description>There is room: a worker takes the oldest, before calls that wait.</description></item>
/// <item><term>running → pooled</term><description><see cref="End"/>; beyond the pool's bound the object is dropped.</description></item>
/// </list>
/// </remarks>
/// <param name="runner">Runs the calls.</param>
/// <param name="deadlines">Watches the deadlines of calls that have started.</param>
/// <param name="maxRunning">How many calls run at a time.</param>
/// <param name="maxLong">How many long calls run in addition.</param>
/// <param name="outside">Places that are taken by calls of earlier links; null for none.</param>
internal sealed partial class CallScheduler(ICallRunner runner, EarliestDeadline deadlines, int maxRunning, int maxLong = 0, OutsidePlaces? outside = null)
    : IThreadPoolWorkItem, IGatheredReplyQueue, ICallPlaces
{
    private readonly Lock _gate = new();
    private readonly WaitingCalls _waiting = new();
    private readonly Queue<ServerCall> _parked = new();
    private readonly RunningCalls _running = new(maxRunning, maxLong);
    private readonly Queue<IGatheredReplies> _unsent = new();
    private readonly Stack<ServerCall> _pool = new();
    private readonly int _maxPooled = Math.Max(1024, 2 * maxRunning); // a batch brings more calls than run at a time
    private int _batchedCalls;
    private bool _isWorkerQueued;

    /// <summary>How many calls run, and how many wait for a place.</summary>
    public (int Running, int Waiting) Load
    {
        get
        {
            lock (_gate)
            {
                return (_running.Count, _waiting.Count + _parked.Count);
            }
        }
    }

    /// <summary>Whether a call could start now. Read under the lock.</summary>
    private bool CanStart => TakenPlaces < maxRunning && (_waiting.Count > 0 || CanOpenParked);

    /// <summary>Whether there is room for the calls of the oldest parked batch. Read under the lock.</summary>
    private bool CanOpenParked => _parked.TryPeek(out ServerCall? batch) && HasRoom(batch.Room);

    /// <summary>Gets an object for a call that is about to be added.</summary>
    public ServerCall Rent()
    {
        lock (_gate)
        {
            return _pool.TryPop(out ServerCall? call) ? call : new ServerCall(deadlines) { Places = this };
        }
    }

    /// <summary>Gets an empty list for the calls of a batch that is about to be added.</summary>
    public List<ServerCall> RentList()
    {
        lock (_gate)
        {
            return _waiting.RentList();
        }
    }

    /// <summary>Adds a call, which starts now or when a place is free.</summary>
    public void Add(ServerCall call)
    {
        lock (_gate)
        {
            _waiting.Add(call);

            // A lone call goes to this thread's own queue: this thread is about to become idle, and need not wake another.
            QueueWorkerIfNeeded(preferLocal: _waiting.Count + _running.Count == 1);
        }
    }

    /// <summary>
    /// Adds the calls of a running batch, if there is room for them. Otherwise the batch is parked: it no longer runs, its calls
    /// return to the pool, and it runs again when there is room.
    /// </summary>
    public bool TryAdd(ServerCall batch, List<ServerCall> calls)
    {
        lock (_gate)
        {
            Debug.Assert(batch.Room == 0 || batch.Room == calls.Count, "A batch is read alike each time.");
            bool isAdded = batch.Room > 0 || (_parked.Count == 0 && HasRoom(calls.Count));
            if (isAdded)
            {
                _batchedCalls += calls.Count - batch.Room;
                batch.Room = 0;
                _waiting.Add(calls);
            }
            else
            {
                batch.Room = calls.Count;
                _running.Remove(batch);
                _parked.Enqueue(batch);
                calls.ForEach(Recycle);
                _waiting.Return(calls);
            }

            QueueWorkerIfNeeded();
            return isAdded;
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

    /// <summary>Ends a call, before its delivery ends. Its object must not be used any more.</summary>
    /// <returns>Whether calls wait for a place.</returns>
    public bool End(ServerCall call)
    {
        lock (_gate)
        {
            Debug.Assert(!call.Delivery.IsEnded, "The delivery of a call that other threads find is not used for another message.");
            _running.Remove(call);
            _batchedCalls -= call.IsBatched ? 1 : call.Room; // returns the room of a parked batch that was given up
            Recycle(call);
            QueueWorkerIfNeeded();
            return _waiting.Count > 0 || _parked.Count > 0;
        }
    }

    /// <summary>
    /// Cancels the running call with this reply address and correlation id; false if it does not run. Takes no lock, and costs
    /// the same however many calls there are. A call that waits is not found: it has to ask <see cref="CancelledCalls"/> first.
    /// </summary>
    public bool TryCancel(string replyTo, CorrelationId id) => _running.TryCancel(replyTo, id);

    /// <summary>Abandons every call that has not ended, except long ones that were taken over; <paramref name="onAbandoned"/> gets each, under the lock.</summary>
    public void AbandonAll(Action<ServerCall> onAbandoned)
    {
        lock (_gate)
        {
            int kept = 0;
            foreach (ServerCall call in _running.All.Concat(_waiting.All).Concat(_parked))
            {
                if (call.TryAbandon()) // first: a call that has not started by then will not
                {
                    onAbandoned(call);
                }
                else
                {
                    kept += call.HasLeftPlace ? 0 : 1;
                }
            }

            CountOutliving(kept);
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
            ServerCall call = CanOpenParked ? TakeParked() : _waiting.Take();
            _running.Add(call);
            QueueWorkerIfNeeded();
            return call;
        }
    }

    private ServerCall TakeParked()
    {
        ServerCall batch = _parked.Dequeue();
        _batchedCalls += batch.Room; // the next parked batch must not take the room meanwhile
        return batch;
    }

    /// <summary>A lone batch always has room: it has no more calls than the limit.</summary>
    private bool HasRoom(int calls) => _batchedCalls == 0 || _batchedCalls + calls <= JsonLimits.MaxBatchEntries;

    private void Recycle(ServerCall call)
    {
        call.Reset();
        if (_pool.Count < _maxPooled)
        {
            _pool.Push(call);
        }
        else
        {
            call.Reply.Release();
        }
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
