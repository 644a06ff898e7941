using RpcGen.Transport;

namespace RpcGen.Server;

/// <summary>
/// The deliveries of a channel in their order: which run, which wait for a place to run, which are to be acknowledged.
/// Acknowledgements share a frame where no unfinished delivery comes before them. They are collected only while deliveries
/// that are here already wait for a thread: then the broker's next one would only wait too. Thread-safe.
/// </summary>
internal sealed class DeliveryLedger : IThreadPoolWorkItem
{
    /// <summary>As many acknowledgements are sent though there is still work to start.</summary>
    private const int MaxCollected = 16;

    private readonly ITransportChannel _channel;
    private readonly ICallRunner _runner;
    private readonly int _maxRunning;
    private readonly Lock _gate = new();
    private readonly LinkedList<ServerCall> _calls = new();
    private readonly Queue<ServerCall> _waiting = new();
    private readonly Stack<ServerCall> _pool = new();
    private readonly List<(ulong Tag, bool Multiple)> _due = [];
    private TaskCompletionSource? _whenIdle;
    private int _running;
    private int _unstarted;
    private int _dueCount;
    private bool _isFlushing;

    public DeliveryLedger(ITransportChannel channel, ICallRunner runner, int maxRunning)
    {
        _channel = channel;
        _runner = runner;
        _maxRunning = maxRunning;
    }

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

    /// <summary>Enters a delivery; it runs now or when a place is free.</summary>
    public ServerCall Add(in IncomingMessage request, long receivedAt)
    {
        ServerCall? call;
        lock (_gate)
        {
            if (!_pool.TryPop(out call))
            {
                call = new ServerCall(_runner);
            }
        }

        call.Begin(in request, receivedAt);
        lock (_gate)
        {
            call.Ack = call.DeliveryTag == 0 ? AckState.Sent : AckState.Pending;
            _calls.AddLast(call.Node);
            if (_running == _maxRunning)
            {
                _waiting.Enqueue(call);
                return call;
            }

            _running++;
            _unstarted++;
        }

        ThreadPool.UnsafeQueueUserWorkItem(call, preferLocal: false);
        return call;
    }

    /// <summary>A call has got its thread.</summary>
    public void Start()
    {
        lock (_gate)
        {
            _unstarted--;
            FlushIfDue();
        }
    }

    /// <summary>Acknowledges a delivery that still runs.</summary>
    public void AcknowledgeEarly(ServerCall call)
    {
        lock (_gate)
        {
            MarkDue(call);
        }
    }

    /// <summary>Does something to every call that has not ended, until told to stop. Under the lock: it must be brief.</summary>
    public void ForEachUnended(Func<ServerCall, bool> action)
    {
        lock (_gate)
        {
            foreach (ServerCall call in _calls)
            {
                if (!call.IsEnded && !action(call))
                {
                    return;
                }
            }
        }
    }

    /// <summary>A call has ended and its object is no longer the caller's; with <paramref name="acknowledge"/> its delivery is acknowledged, without it the broker keeps it.</summary>
    public void End(ServerCall call, bool acknowledge)
    {
        ServerCall? next;
        lock (_gate)
        {
            call.IsEnded = true;
            if (acknowledge)
            {
                MarkDue(call);
            }

            if (call.Ack == AckState.Sent)
            {
                Remove(call);
            }

            if (_waiting.TryDequeue(out next))
            {
                _unstarted++;
            }
            else
            {
                _running--;
                CompleteIfIdle();
            }
        }

        if (next is not null)
        {
            ThreadPool.UnsafeQueueUserWorkItem(next, preferLocal: false);
        }
    }

    /// <summary>Completes once nothing runs and no acknowledgement is due.</summary>
    public Task WhenIdleAsync()
    {
        lock (_gate)
        {
            _whenIdle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            CompleteIfIdle();
            return _whenIdle.Task;
        }
    }

    void IThreadPoolWorkItem.Execute() => _ = FlushAsync();

    private void MarkDue(ServerCall call)
    {
        if (call.Ack == AckState.Pending)
        {
            call.Ack = AckState.Due;
            _dueCount++;
            FlushIfDue();
        }
    }

    private void FlushIfDue()
    {
        if (!_isFlushing && _dueCount > 0 && (_unstarted == 0 || _dueCount >= MaxCollected))
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
                foreach ((ulong tag, bool multiple) in _due)
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

    /// <summary>Collects what is due: the unbroken run from the oldest delivery on as one, the rest singly.</summary>
    private bool TakeDue()
    {
        lock (_gate)
        {
            _due.Clear();
            _dueCount = 0;
            bool isUnbroken = true;
            int run = 0;
            LinkedListNode<ServerCall>? node = _calls.First;
            while (node is not null)
            {
                ServerCall call = node.Value;
                node = node.Next;
                if (call.Ack == AckState.Due)
                {
                    call.Ack = AckState.Sent;
                    if (isUnbroken && run++ > 0)
                    {
                        _due[^1] = (call.DeliveryTag, Multiple: true);
                    }
                    else
                    {
                        _due.Add((call.DeliveryTag, Multiple: false));
                    }

                    if (call.IsEnded)
                    {
                        Remove(call);
                    }
                }
                else if (call.Ack == AckState.Pending)
                {
                    isUnbroken = false;
                }
            }

            _isFlushing = _due.Count > 0;
            CompleteIfIdle();
            return _isFlushing;
        }
    }

    private void Remove(ServerCall call)
    {
        _calls.Remove(call.Node);
        call.Reset();
        _pool.Push(call);
    }

    private void CompleteIfIdle()
    {
        if (_running == 0 && _dueCount == 0 && !_isFlushing)
        {
            _whenIdle?.TrySetResult();
        }
    }
}
