namespace RpcGen.Simulation.Scheduling;

/// <summary>A timer of <see cref="VirtualTime"/>. One that was taken to fire fires, even if it is changed before it runs.</summary>
internal sealed class VirtualTimer : ITimer, IThreadPoolWorkItem
{
    private static readonly ContextCallback Call = static timer => ((VirtualTimer)timer!).Invoke();

    private readonly VirtualTime _time;
    private readonly TimerCallback _callback;
    private readonly object? _state;
    private readonly ExecutionContext? _context = ExecutionContext.Capture();
    private TimeSpan _period;
    private bool _isArmed;
    private bool _isDisposed;

    public VirtualTimer(VirtualTime time, TimerCallback callback, object? state)
    {
        _time = time;
        _callback = callback;
        _state = state;
    }

    /// <summary>Grows with each change, so that an earlier setting is recognized.</summary>
    public int Version { get; private set; }

    /// <inheritdoc/>
    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        if (_isDisposed)
        {
            return false;
        }

        Disarm();
        _period = period;
        if (dueTime != Timeout.InfiniteTimeSpan)
        {
            Arm(dueTime);
        }

        return true;
    }

    /// <summary>The clock has taken it to fire.</summary>
    public void OnTaken()
    {
        _isArmed = false;
        Version++;
        if (_period > TimeSpan.Zero)
        {
            Arm(_period);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Disarm();
        _isDisposed = true;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return default;
    }

    /// <inheritdoc/>
    public void Execute()
    {
        if (_isDisposed)
        {
            return;
        }

        if (_context is null)
        {
            Invoke();
        }
        else
        {
            ExecutionContext.Run(_context, Call, this);
        }
    }

    private void Invoke() => _callback(_state);

    private void Arm(TimeSpan delay)
    {
        _isArmed = true;
        long milliseconds = (long)delay.TotalMilliseconds;
        _time.Arm(new VirtualTime.Alarm(this, this, Version), _time.Now + milliseconds * TimeSpan.TicksPerMillisecond);
    }

    private void Disarm()
    {
        Version++;
        if (_isArmed)
        {
            _isArmed = false;
            _time.Disarm();
        }
    }
}
