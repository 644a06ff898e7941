namespace RpcGen.Simulation.Wire;

/// <summary>
/// One direction of a channel: frames arrive in the order in which they were sent, each as a work item of its own and each
/// after its time on the wire.
/// </summary>
internal sealed class Flow(Line line, Network network) : IThreadPoolWorkItem
{
    private readonly Queue<(Func<ValueTask> Arrive, long Due)> _frames = new();
    private long _lastDue;
    private bool _isMoving;
    private TaskCompletionSource? _room;

    /// <summary>Whether a sender has to wait.</summary>
    public bool IsFull => _frames.Count >= network.Capacity;

    /// <summary>Sends a frame; <paramref name="arrive"/> is what it does at the other end.</summary>
    public void Send(Func<ValueTask> arrive)
    {
        _lastDue = Math.Max(_lastDue, network.NextArrival());
        _frames.Enqueue((arrive, _lastDue));
        if (!_isMoving)
        {
            _isMoving = true;
            Move();
        }
    }

    /// <inheritdoc cref="Send(Func{ValueTask})"/>
    public void Send(Action arrive) => Send(() =>
    {
        arrive();
        return default;
    });

    /// <summary>Completes when another frame can be sent.</summary>
    public Task WaitForRoomAsync() => IsFull ? (_room ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task : Task.CompletedTask;

    /// <summary>A frame arrives.</summary>
    public void Execute() => _ = ArriveAsync();

    private async Task ArriveAsync()
    {
        if (line.StalledUntil > network.Time.Now)
        {
            Move();
            return;
        }

        (Func<ValueTask> arrive, _) = _frames.Dequeue();
        if (!IsFull)
        {
            _room?.TrySetResult();
            _room = null;
        }

        await arrive();
        _isMoving = _frames.Count > 0;
        if (_isMoving)
        {
            Move();
        }
    }

    private void Move()
    {
        long due = Math.Max(_frames.Peek().Due, line.StalledUntil);
        if (due > network.Time.Now)
        {
            network.Time.At(due, this);
        }
        else
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }
}

/// <summary>What the flows of a connection share.</summary>
internal sealed class Line
{
    /// <summary>Nothing arrives before this time, in either direction.</summary>
    public long StalledUntil { get; set; }
}
