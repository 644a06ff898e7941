using RpcGen.Runtime;

namespace RpcGen.Server.Running;

/// <summary>
/// One timer for the deadlines of many calls. It is set to the earliest watched deadline. Most deadlines are later than that
/// one and cost only a comparison. Thread-safe.
/// </summary>
internal sealed class EarliestDeadline : IDisposable
{
    /// <summary>Timers can fire a little early: fire after the deadline rather than again and again before it.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMilliseconds(1);

    private readonly Func<long, long> _onDue;
    private readonly Lock _gate = new();
    private readonly ITimer _timer;
    private long _watched = long.MaxValue;

    /// <param name="time">The clock.</param>
    /// <param name="onDue">Gets the current timestamp, cancels what is late, and returns the next deadline or <see cref="long.MaxValue"/>.</param>
    public EarliestDeadline(TimeProvider time, Func<long, long> onDue)
    {
        Time = time;
        _onDue = onDue;
        using (AmbientFlow.Suppress())
        {
            _timer = time.CreateTimer(static state => ((EarliestDeadline)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The clock that deadlines are timestamps of.</summary>
    public TimeProvider Time { get; }

    /// <summary>Makes sure that the callback runs when <paramref name="deadline"/> has passed.</summary>
    public void Watch(long deadline)
    {
        // The caller wrote its deadline before this read. OnTimer resets the field before it reads the deadlines. So either
        // this sees the reset, or OnTimer sees the caller's deadline.
        Interlocked.MemoryBarrier();
        if (deadline >= Volatile.Read(ref _watched))
        {
            return;
        }

        lock (_gate)
        {
            if (deadline < _watched)
            {
                Volatile.Write(ref _watched, deadline);
                long now = Time.GetTimestamp();
                TimeSpan delay = deadline > now ? Time.GetElapsedTime(now, deadline) + Margin : TimeSpan.Zero;

                // A timer takes no longer delay. If it fires early for this reason, the callback returns the deadline again.
                _timer.Change(delay < RpcTimeouts.Longest ? delay : RpcTimeouts.Longest, Timeout.InfiniteTimeSpan);
            }
        }
    }

    public void Dispose() => _timer.Dispose();

    private void OnTimer()
    {
        lock (_gate)
        {
            Volatile.Write(ref _watched, long.MaxValue);
        }

        Interlocked.MemoryBarrier(); // see Watch
        long next = _onDue(Time.GetTimestamp());
        if (next != long.MaxValue)
        {
            Watch(next);
        }
    }
}
