namespace RpcGen.Simulation.Scheduling;

/// <summary>
/// A clock that stands still until it is moved. Timers fire as work items, in the order of their times; like the system's,
/// they count whole milliseconds and keep their creator's execution context.
/// </summary>
internal sealed class VirtualTime : TimeProvider
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly PriorityQueue<Alarm, (long Due, long Number)> _alarms = new();
    private long _now = TimeSpan.TicksPerMinute;
    private long _lastNumber;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>The time in ticks of <see cref="TimeSpan"/>.</summary>
    public long Now => _now;

    /// <summary>Timers and alarms that are yet to fire.</summary>
    public int Armed { get; private set; }

    /// <summary>Decides whether a timer fires; a planted bug forgets some.</summary>
    public Func<bool> MayFire { get; set; } = static () => true;

    /// <inheritdoc/>
    public override long GetTimestamp() => _now;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => Start + TimeSpan.FromTicks(_now);

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Queues a work item of the simulation itself for a time.</summary>
    public void At(long due, IThreadPoolWorkItem work) => Arm(new Alarm(work, Timer: null, Version: 0), due);

    /// <summary>Time passes.</summary>
    public void Pass(long ticks) => _now += ticks;

    /// <summary>Moves to the next timer; false if no timer is set.</summary>
    public bool TryMoveOn()
    {
        if (!TryPeek(out long due))
        {
            return false;
        }

        _now = Math.Max(_now, due);
        return true;
    }

    /// <summary>Takes a timer that is due, as a work item.</summary>
    public IThreadPoolWorkItem? TakeDue()
    {
        while (TryPeek(out long due) && due <= _now)
        {
            Alarm alarm = _alarms.Dequeue();
            Armed--;
            if (alarm.Timer is null)
            {
                return alarm.Work;
            }

            alarm.Timer.OnTaken();
            if (MayFire())
            {
                return alarm.Work;
            }
        }

        return null;
    }

    internal void Arm(Alarm alarm, long due)
    {
        _alarms.Enqueue(alarm, (due, ++_lastNumber));
        Armed++;
    }

    internal void Disarm() => Armed--;

    private bool TryPeek(out long due)
    {
        while (_alarms.TryPeek(out Alarm alarm, out (long Due, long Number) order))
        {
            if (alarm.Timer is null || alarm.Timer.Version == alarm.Version)
            {
                due = order.Due;
                return true;
            }

            _alarms.Dequeue(); // changed or disposed meanwhile, and no longer counted
        }

        due = 0;
        return false;
    }

    /// <summary>What happens at a time.</summary>
    /// <param name="Work">What runs.</param>
    /// <param name="Timer">The timer that it belongs to; null for the simulation's own.</param>
    /// <param name="Version">Which setting of the timer.</param>
    internal readonly record struct Alarm(IThreadPoolWorkItem Work, VirtualTimer? Timer, int Version);
}
