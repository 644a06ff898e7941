namespace RpcGen.EndToEnd.Tests.Clusters;

/// <summary>What each call has to keep while brokers fail.</summary>
internal static class CallChecks
{
    /// <summary>Finds broken promises, once nothing runs any more.</summary>
    /// <param name="calls">All calls.</param>
    /// <param name="latest">When a call must have ended, from its start.</param>
    public static IEnumerable<string> FindViolations(IEnumerable<CallRecord> calls, TimeSpan latest) =>
        calls.SelectMany(call => FindViolations(call, latest).Select(what => $"{call} {what}"));

    private static IEnumerable<string> FindViolations(CallRecord call, TimeSpan latest)
    {
        if (call.End is not { } end)
        {
            yield return "did not end";
            yield break;
        }

        if (end.At - call.StartedAt > latest)
        {
            yield return FormattableString.Invariant($"ended after {(end.At - call.StartedAt).TotalSeconds:0.000} s");
        }

        foreach (string what in end.Failure is { } failure ? FindInFailure(call, failure) : FindInSuccess(call, end))
        {
            yield return what;
        }

        if (call.Promise == Promise.AtMostOnce && call.Runs.Count > 1)
        {
            yield return $"ran {call.Runs.Count} times";
        }
    }

    private static IEnumerable<string> FindInSuccess(CallRecord call, CallEnd end)
    {
        bool hasAnswer = call.Promise != Promise.OneWay;
        if (hasAnswer && end.Answer != call.Id)
        {
            yield return $"got the answer {end.Answer}";
        }

        if (!call.Runs.Any(run => !hasAnswer || run <= end.At))
        {
            yield return "succeeded, but did not run";
        }
    }

    private static IEnumerable<string> FindInFailure(CallRecord call, Exception failure)
    {
        switch (failure)
        {
            case RpcException { Execution: RpcExecution.NotStarted } when call.Runs.Count > 0:
                yield return $"was reported as not started, but ran: {failure.Message}";
                break;
            case RpcException { Execution: RpcExecution.Started } when call.Runs.Count == 0:
                yield return $"was reported as started, but did not run: {failure.Message}";
                break;
            case RpcConnectionException or RpcTimeoutException or RpcUnavailableException:
                break;
            default:
                yield return $"ended with {failure.GetType()}: {failure.Message}";
                break;
        }
    }
}
