using RpcGen.Runtime;

namespace RpcGen.Server;

/// <summary>
/// One timer for many deadlines: it fires at the earliest that was watched, then asks what comes next. A deadline that is
/// later than what is watched already, and most are, costs a comparison.
/// </summary>
internal sealed class EarliestDeadline : IDisposable
{
    private readonly TimeProvider _time;
    private readonly Func<long, long> _onDue;
    private readonly Lock _gate = new();
    private readonly ITimer _timer;
    private long _watched = long.MaxValue;

    /// <param name="time">The clock.</param>
    /// <param name="onDue">Gets the time, does what is due, and gives the next deadline.</param>
    public EarliestDeadline(TimeProvider time, Func<long, long> onDue)
    {
        _time = time;
        _onDue = onDue;
        using (AmbientFlow.Suppress())
        {
            _timer = time.CreateTimer(static state => ((EarliestDeadline)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    public void Watch(long deadline)
    {
        Interlocked.MemoryBarrier(); // what is to be done at the deadline was written before; OnTimer forgets, then looks for it
        if (deadline >= Volatile.Read(ref _watched))
        {
            return;
        }

        lock (_gate)
        {
            if (deadline < _watched)
            {
                Volatile.Write(ref _watched, deadline);
                long now = _time.GetTimestamp();
                TimeSpan delay = deadline > now ? _time.GetElapsedTime(now, deadline) + TimeSpan.FromMilliseconds(1) : TimeSpan.Zero;
                _timer.Change(delay < RpcTimeouts.Longest ? delay : RpcTimeouts.Longest, Timeout.InfiniteTimeSpan); // longer no timer takes; it looks again then
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

        Interlocked.MemoryBarrier();
        long next = _onDue(_time.GetTimestamp());
        if (next != long.MaxValue)
        {
            Watch(next);
        }
    }
}
