using RpcGen.Runtime;

namespace RpcGen.Client.Calls;

/// <summary>Something with a deadline, used again and again. The generation tells one use from the next.</summary>
internal interface IExpiring
{
    /// <summary>The current use and its stage.</summary>
    (long Generation, CallStage Stage) Current { get; }

    /// <summary>The deadline as a timestamp of the clock; <see cref="long.MaxValue"/> for none.</summary>
    long Deadline { get; }

    /// <summary>The time that the use has in all.</summary>
    TimeSpan Timeout { get; }

    /// <summary>The deadline is near.</summary>
    void OnDeadlineNear();

    /// <summary>The deadline of a use has passed.</summary>
    void OnDeadline(long generation);
}

/// <summary>
/// Watches the deadlines of one object's uses with one timer for the object's life. The timer is neither stopped when a use
/// ends nor touched when the next one starts, as long as it fires early enough. Most calls end long before their deadline
/// and therefore cost nothing here.
/// </summary>
internal sealed class DeadlineTimer(IExpiring target, TimeProvider time)
{
    /// <summary>The longest time before a deadline at which <see cref="IExpiring.OnDeadlineNear"/> is called.</summary>
    public static readonly TimeSpan MaxLead = TimeSpan.FromMilliseconds(500);

    private const long NotArmed = long.MaxValue;

    /// <summary>A call's lead is its timeout divided by this, at most <see cref="MaxLead"/>.</summary>
    private const int LeadDivisor = 4;

    private readonly Lock _gate = new();
    private ITimer? _timer;
    private long _armedFor = NotArmed;
    private bool _isDisposed;

    /// <summary>How long before its deadline a call that has a time in all looks up why it is late.</summary>
    public static TimeSpan LeadOf(TimeSpan timeout) => timeout / LeadDivisor is var lead && lead < MaxLead ? lead : MaxLead;

    /// <summary>Makes sure that the timer fires before the deadline. Stage and deadline of the use are set already.</summary>
    public void Watch()
    {
        // Two sides race: this thread wrote stage and deadline and now reads _armedFor; OnTimer writes _armedFor and then
        // reads stage and deadline. With a barrier on each side at least one of them sees the other's write and arms.
        Interlocked.MemoryBarrier();
        long deadline = target.Deadline;
        if (deadline != long.MaxValue && NextLook(deadline) < Volatile.Read(ref _armedFor))
        {
            Arm();
        }
    }

    /// <summary>Ends the watch for good: the timer keeps nothing in memory any more.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _timer?.Dispose();
        }
    }

    private void OnTimer()
    {
        Volatile.Write(ref _armedFor, NotArmed);
        Interlocked.MemoryBarrier(); // the other side of the race described in Watch
        (long generation, CallStage stage) = target.Current;
        long deadline = target.Deadline; // read once: another use can begin at any time
        if (stage is CallStage.Idle or CallStage.Done || deadline == long.MaxValue)
        {
            return;
        }

        long now = time.GetTimestamp();
        if (now >= deadline)
        {
            target.OnDeadline(generation);
            return;
        }

        if (now >= NextLook(deadline))
        {
            target.OnDeadlineNear();
        }

        Arm();
    }

    /// <summary>A moment shortly before the deadline, early enough to look up why the call is late.</summary>
    private long NextLook(long deadline) => deadline - (long)(LeadOf(target.Timeout).TotalSeconds * time.TimestampFrequency);

    /// <summary>Sets the timer for the deadline of the current use, which can be a newer one than the caller saw.</summary>
    private void Arm()
    {
        lock (_gate)
        {
            long deadline = target.Deadline;
            bool isWatchedByNextUse = deadline == long.MaxValue;
            if (_isDisposed || isWatchedByNextUse)
            {
                return;
            }

            long now = time.GetTimestamp();
            long look = NextLook(deadline);
            long due = now < look ? look : deadline;

            // One millisecond more than needed: a timer can fire slightly early and would have to be armed again.
            TimeSpan delay = due > now ? time.GetElapsedTime(now, due) + TimeSpan.FromMilliseconds(1) : TimeSpan.Zero;
            Volatile.Write(ref _armedFor, due);
            if (_timer is null)
            {
                // The timer must not keep the first caller's ambient values alive.
                using (AmbientFlow.Suppress())
                {
                    _timer = time.CreateTimer(static state => ((DeadlineTimer)state!).OnTimer(), this, delay, Timeout.InfiniteTimeSpan);
                }
            }
            else
            {
                _timer.Change(delay, Timeout.InfiniteTimeSpan);
            }
        }
    }
}
