namespace RpcGen.Simulation.Wire;

/// <summary>
/// One direction of a channel: frames arrive in the order in which they were sent, each as a work item of its own and each
/// after its time on the wire.
/// </summary>
internal sealed class Flow(Line line, Network network) : IThreadPoolWorkItem
{
    private readonly Queue<(Func<ValueTask> Arrive, long Due, bool IsEnd)> _frames = new();
    private long _lastDue;
    private bool _isMoving;
    private TaskCompletionSource? _room;

    /// <summary>Whether a sender has to wait.</summary>
    public bool IsFull => _frames.Count >= network.Capacity;

    /// <summary>Sends a frame; <paramref name="arrive"/> is what it does at the other end.</summary>
    public void Send(Func<ValueTask> arrive) => Send(arrive, isEnd: false);

    /// <inheritdoc cref="Send(Func{ValueTask})"/>
    public void Send(Action arrive) => Send(Wrap(arrive), isEnd: false);

    /// <summary>Tells the process of the end, after all that is on its way; this arrives on a wire that is cut, too.</summary>
    public void SendEnd(Action arrive) => Send(Wrap(arrive), isEnd: true);

    private void Send(Func<ValueTask> arrive, bool isEnd)
    {
        _lastDue = Math.Max(_lastDue, network.NextArrival());
        _frames.Enqueue((arrive, _lastDue, isEnd));
        if (!_isMoving)
        {
            _isMoving = true;
            Move();
        }
    }

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

        (Func<ValueTask> arrive, _, bool isEnd) = _frames.Dequeue();
        if (!IsFull)
        {
            _room?.TrySetResult();
            _room = null;
        }

        if (isEnd || !line.IsCut)
        {
            await arrive();
        }

        _isMoving = _frames.Count > 0;
        if (_isMoving)
        {
            Move();
        }
    }

    private static Func<ValueTask> Wrap(Action arrive) => () =>
    {
        arrive();
        return default;
    };

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

    /// <summary>Whether everything that is on its way is lost.</summary>
    public bool IsCut { get; set; }
}
