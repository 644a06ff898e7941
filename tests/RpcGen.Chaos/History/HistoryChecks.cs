namespace RpcGen.Chaos.History;

/// <summary>The invariants of calls, which hold under every fault. They are checked after all processes have stopped.</summary>
/// <param name="interruptions">What happened.</param>
/// <param name="timeout">The time limit of each call that is not long.</param>
/// <param name="longTimeout">The time limit of long calls.</param>
/// <param name="slack">How much later a call can end on a busy machine.</param>
internal sealed class HistoryChecks(Interruptions interruptions, TimeSpan timeout, TimeSpan longTimeout, TimeSpan slack)
{
    /// <summary>The checks, by name. Each gives the broken promises of one call.</summary>
    public IReadOnlyList<(string Name, Func<CallHistory, IEnumerable<string>> Find)> All =>
    [
        ("each call has one outcome", FindOutcomes),
        ("no call ends late", FindLateness),
        ("a call that succeeded has run, and has its own answer", FindWrongSuccess),
        ("at-most-once calls run at most once", FindRepeatedRuns),
        ("failures say correctly whether the call ran", FindWrongExecution),
        ("failures are of the documented types", FindForeignFailures),
        ("only calls that were made run", FindUnknownRuns),
    ];

    private IEnumerable<string> FindOutcomes(CallHistory call)
    {
        if (call.Promise is not null && call.Ends.Count != 1 && !(call.Ends.Count == 0 && interruptions.Killed.Contains(call.Client)))
        {
            yield return $"has {call.Ends.Count} outcomes";
        }
    }

    private IEnumerable<string> FindLateness(CallHistory call)
    {
        foreach (CallEnd end in call.Ends.Where(_ => call.Promise?.HasStreams() == false))
        {
            TimeSpan limit = call.Promise?.IsLong() == true ? longTimeout : timeout;
            TimeSpan took = end.At - call.StartedAt - interruptions.FrozenWithin(call.Client, call.StartedAt, end.At);
            if (took > limit + slack)
            {
                yield return FormattableString.Invariant($"ended after {took.TotalSeconds:0.0} s: {end.Message ?? "success"}");
            }
        }
    }

    private IEnumerable<string> FindWrongSuccess(CallHistory call)
    {
        foreach (CallEnd end in call.Ends.Where(end => end.Failure is null))
        {
            if (end.Answer != call.Id)
            {
                yield return $"got the answer {end.Answer:x}";
            }

            if (call.Promise?.IsOneWay() == true ? call.Runs.Count == 0 && !IsLost(call) : !call.Runs.Any(run => run <= end.At))
            {
                yield return "succeeded, but did not run";
            }
        }
    }

    /// <summary>A confirmed request is lost with its queue. One that is not persistent is lost with the broker too.</summary>
    private bool IsLost(CallHistory call) =>
        interruptions.QueueLosses.Any(at => at >= call.StartedAt) || (call.Promise == Promise.OneWay && interruptions.BrokerLosses.Any(at => at >= call.StartedAt));

    private IEnumerable<string> FindRepeatedRuns(CallHistory call)
    {
        if (call.Promise?.IsAtMostOnce() == true && call.Runs.Count > 1 && !interruptions.HasLostRedeliveryMarks)
        {
            yield return $"ran {call.Runs.Count} times";
        }
    }

    private static IEnumerable<string> FindWrongExecution(CallHistory call)
    {
        foreach (CallEnd end in call.Ends)
        {
            if (end.Execution == RpcExecution.NotStarted && call.Runs.Count > 0)
            {
                yield return $"was reported as not started, but ran: {end.Message}";
            }

            if (end.Execution == RpcExecution.Started && call.Runs.Count == 0)
            {
                yield return $"was reported as started, but did not run: {end.Message}";
            }
        }
    }

    private IEnumerable<string> FindForeignFailures(CallHistory call) => call.Ends
        .Where(end => end.Failure is not null && !IsDocumented(end.Failure) && !IsCancelled(call, end.Failure))
        .Select(end => $"failed with {end.Failure}: {end.Message}");

    /// <summary>A client that ends cancels its long calls.</summary>
    private static bool IsCancelled(CallHistory call, string failure) =>
        call.Promise?.IsLong() == true && failure is (nameof(OperationCanceledException) or nameof(TaskCanceledException));

    private bool IsDocumented(string failure) =>
        failure is nameof(RpcConnectionException) or nameof(RpcTimeoutException) or nameof(RpcUnavailableException)
        || (failure == nameof(RpcAccessDeniedException) && interruptions.HasTakenPermissions);

    private static IEnumerable<string> FindUnknownRuns(CallHistory call)
    {
        if (call.Promise is null)
        {
            yield return "ran, but was not made";
        }
    }
}
