namespace RpcGen.Server;

/// <summary>Counts what becomes of calls. Thread-safe, and cheap: two additions a call.</summary>
internal sealed class ServerCounters
{
    private long _entered;
    private long _answered;
    private long _faulted;
    private long _cancelled;
    private long _refused;
    private long _others;

    public void Enter() => Interlocked.Increment(ref _entered);

    public void Leave(Disposition disposition, bool hasStarted) => Interlocked.Increment(ref OutcomeOf(disposition, hasStarted));

    /// <summary>The numbers at the moment, as a call sees them that asks for them and does not count itself.</summary>
    public RpcServerCounters Read()
    {
        long answered = Volatile.Read(ref _answered);
        long faulted = Volatile.Read(ref _faulted);
        long cancelled = Volatile.Read(ref _cancelled);
        long refused = Volatile.Read(ref _refused);
        long inFlight = Volatile.Read(ref _entered) - answered - faulted - cancelled - refused - Volatile.Read(ref _others) - 1;
        return new RpcServerCounters
        {
            InFlight = Math.Max(0, inFlight),
            Started = answered + faulted + cancelled + refused + Math.Max(0, inFlight),
            Answered = answered,
            Faulted = faulted,
            Cancelled = cancelled,
            Refused = refused,
        };
    }

    private ref long OutcomeOf(Disposition disposition, bool hasStarted)
    {
        switch (disposition)
        {
            case Disposition.Replied when hasStarted:
            case Disposition.Completed:
                return ref _answered;
            case Disposition.Opened:
            case Disposition.Replied: // about the server itself
                return ref _others;
            case Disposition.Dropped when hasStarted:
                return ref _cancelled;
            default:
                return ref hasStarted ? ref _faulted : ref _refused;
        }
    }
}
