namespace RpcGen.Server.Running;

/// <summary>Counts the calls of a server by outcome. Costs two additions a call. Thread-safe.</summary>
internal sealed class ServerCounters
{
    private long _entered;
    private long _answered;
    private long _faulted;
    private long _cancelled;
    private long _refused;
    private long _notCalls;

    /// <summary>A request is being handled.</summary>
    public void Enter() => Interlocked.Increment(ref _entered);

    /// <summary>A request has its outcome.</summary>
    public void Leave(CallOutcome outcome, bool hasStarted) => Interlocked.Increment(ref CounterOf(outcome, hasStarted));

    /// <summary>Reads the counters for a <c>$describe</c> request, which is being handled itself and is not counted.</summary>
    public RpcServerCounters Read()
    {
        long answered = Volatile.Read(ref _answered);
        long faulted = Volatile.Read(ref _faulted);
        long cancelled = Volatile.Read(ref _cancelled);
        long refused = Volatile.Read(ref _refused);
        long inFlight = Volatile.Read(ref _entered) - answered - faulted - cancelled - refused - Volatile.Read(ref _notCalls) - 1;
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

    private ref long CounterOf(CallOutcome outcome, bool hasStarted)
    {
        switch (outcome)
        {
            case CallOutcome.Replied when hasStarted:
            case CallOutcome.Completed:
                return ref _answered;
            case CallOutcome.Opened:
            case CallOutcome.SentBack:
            case CallOutcome.Replied: // a question about the server itself
                return ref _notCalls;
            case CallOutcome.Dropped when hasStarted:
                return ref _cancelled;
            default:
                return ref hasStarted ? ref _faulted : ref _refused;
        }
    }
}
