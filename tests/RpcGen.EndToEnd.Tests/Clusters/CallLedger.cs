using System.Diagnostics;

namespace RpcGen.EndToEnd.Tests.Clusters;

/// <summary>The records of all calls. Thread-safe.</summary>
internal sealed class CallLedger
{
    private static readonly TimeSpan Steady = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(2);

    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly Lock _gate = new();
    private readonly List<CallRecord> _calls = [];

    /// <summary>The time since the start of the test.</summary>
    public TimeSpan Now => Stopwatch.GetElapsedTime(_start);

    public CallRecord[] Calls
    {
        get
        {
            lock (_gate)
            {
                return [.. _calls];
            }
        }
    }

    public CallRecord Begin(Promise promise, string queue, int client, int caller)
    {
        lock (_gate)
        {
            var call = new CallRecord(_calls.Count, promise, queue, client, caller, Now);
            _calls.Add(call);
            return call;
        }
    }

    /// <summary>A handler runs a call.</summary>
    public void AddRun(int id)
    {
        lock (_gate)
        {
            _calls[id].AddRun(Now);
        }
    }

    /// <summary>
    /// How long after a fault the service was back: each call that started from then on succeeded quickly. Null if that is not so
    /// yet: each caller has to have a success that started at least <see cref="Steady"/> later.
    /// </summary>
    public TimeSpan? FindRecovery(Func<CallRecord, bool> counts, TimeSpan fault)
    {
        TimeSpan now = Now;
        CallRecord[] calls = [.. Calls.Where(call => (call.StartedAt >= fault || call.End is null || call.End.At >= fault) && counts(call))];
        TimeSpan back = calls.Select(call => FindTrouble(call, now)).Append(fault).Max();
        bool isSteady = calls.GroupBy(call => call.Caller).All(
            caller => caller.Any(call => call.StartedAt >= back + Steady && call.End is { Failure: null }));
        return isSteady ? back - fault : null;
    }

    /// <summary>A call that failed shows that there was no service when it started; one that took long, when it ended.</summary>
    private static TimeSpan FindTrouble(CallRecord call, TimeSpan now) => call.End switch
    {
        null => now - call.StartedAt > Slow ? now : TimeSpan.Zero,
        { Failure: not null } => call.StartedAt,
        { At: var end } => end - call.StartedAt > Slow ? end : TimeSpan.Zero,
    };
}
