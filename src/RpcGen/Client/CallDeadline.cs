using RpcGen.Runtime;

namespace RpcGen.Client;

/// <summary>
/// Watches the deadline of a pending call with one timer for the life of the object. The timer is not stopped when a call
/// ends and not touched when the next one starts, as long as it will fire early enough to look: so most calls, which end
/// long before their deadline, cost nothing here.
/// </summary>
internal sealed class CallDeadline(PendingCall call, TimeProvider time)
{
    private const long NotArmed = long.MaxValue;
    private readonly Lock _gate = new();
    private ITimer? _timer;
    private long _armedFor = NotArmed;

    /// <summary>Makes sure that somebody looks before the call's deadline. Its stage and deadline are set already.</summary>
    public void Watch()
    {
        Interlocked.MemoryBarrier(); // OnTimer writes _armedFor, then reads the stage: one of the two sees the other
        if (call.Deadline != long.MaxValue && NextLook() < Volatile.Read(ref _armedFor))
        {
            Arm();
        }
    }

    /// <summary>Looks no more.</summary>
    public void Stop() => _timer?.Dispose();

    private void OnTimer()
    {
        Volatile.Write(ref _armedFor, NotArmed);
        Interlocked.MemoryBarrier();
        (long generation, CallStage stage) = call.Current;
        if (stage is CallStage.Idle or CallStage.Done || call.Deadline == long.MaxValue)
        {
            return;
        }

        long now = time.GetTimestamp();
        if (now >= call.Deadline)
        {
            call.Session.Expire(call, generation);
            return;
        }

        if (now >= NextLook())
        {
            call.Session.PrepareExpiry(call);
        }

        Arm();
    }

    /// <summary>Shortly before the deadline, so that the reason for a time-out can be looked up in time.</summary>
    private long NextLook()
    {
        TimeSpan lead = call.Timeout / 4;
        if (lead > CallSession.ExpiryLead)
        {
            lead = CallSession.ExpiryLead;
        }

        return call.Deadline - (long)(lead.TotalSeconds * time.TimestampFrequency);
    }

    private void Arm()
    {
        lock (_gate)
        {
            long now = time.GetTimestamp();
            long look = NextLook();
            long due = now < look ? look : call.Deadline;
            TimeSpan delay = due > now ? time.GetElapsedTime(now, due) + TimeSpan.FromMilliseconds(1) : TimeSpan.Zero;
            Volatile.Write(ref _armedFor, due);
            if (_timer is null)
            {
                // The timer must not keep the first caller's ambient values.
                using (AmbientFlow.Suppress())
                {
                    _timer = time.CreateTimer(static state => ((CallDeadline)state!).OnTimer(), this, delay, Timeout.InfiniteTimeSpan);
                }
            }
            else
            {
                _timer.Change(delay, Timeout.InfiniteTimeSpan);
            }
        }
    }
}
