using RpcGen.Simulation.Stage;

namespace RpcGen.Simulation.Checks;

/// <summary>What every call has to keep, whatever went wrong. One instance checks one schedule, after its end.</summary>
internal sealed class CallChecks(World world)
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    private bool IsCalm => world.Plan.Faults.Count == 0;

    /// <summary>Checks every call.</summary>
    public void Check()
    {
        foreach (CallRecord call in world.Journal.Calls)
        {
            CheckEnd(call);
            CheckOutcome(call);
            CheckExecution(call);
            CheckRuns(call);
            if (IsCalm)
            {
                CheckCalm(call);
            }
        }
    }

    /// <summary>A call that everything is there for: it has to succeed, and to run once at each server that it is for.</summary>
    public void CheckProbe(CallRecord probe)
    {
        int expected = probe.Plan.Promise.IsBroadcast() ? world.Servers.Count(server => server.Plan!.Queue == probe.Plan.Queue) : 1;
        if (probe.Failure is { } failure)
        {
            Violate(probe, $"failed after the faults had ended: {failure.GetType().Name}: {failure.Message}");
        }
        else if (probe.Runs.Count != expected || probe.Runs.Any(static run => run.IsRedelivered))
        {
            Violate(probe, $"ran {probe.Runs.Count} times after the faults had ended, instead of {expected}");
        }
    }

    private void CheckEnd(CallRecord call)
    {
        if (call.Outcomes != 1)
        {
            Violate(call, $"has {call.Outcomes} outcomes");
            return;
        }

        TimeSpan limit = call.Plan.CancelAfter is { } cancel && cancel < call.Plan.Timeout ? cancel : call.Plan.Timeout;
        if (Took(call) > limit + world.Lag)
        {
            Violate(call, FormattableString.Invariant($"ended after {Took(call).TotalSeconds:0.000} s, though its time was {limit.TotalSeconds:0.000} s"));
        }
    }

    private void CheckOutcome(CallRecord call)
    {
        switch (call.Failure)
        {
            case null:
                CheckSuccess(call);
                break;
            case JobFailedException failed when call.Plan.End == HandlerEnd.ThrowsDeclared && failed.Call == call.Id:
            case RpcRemoteException { Code: "internal" } when call.Plan.End == HandlerEnd.ThrowsOther:
            case RpcRemoteException { Code: "cancelled" } when call.Plan.End == HandlerEnd.GivesUp:
                Require(call, call.Runs.Count > 0, "got its handler's exception, but did not run");
                break;
            case OperationCanceledException:
                Require(call, call.IsCancelled, "was not cancelled");
                break;
            case ObjectDisposedException:
                Require(call, call.IsDisposed, "has a client that is not disposed");
                break;
            case RpcUnavailableException:
                Require(call, call.Plan.Queue == world.Plan.Queues.Count || !IsCalm, "has a queue and a server");
                break;
            case RpcConnectionException:
                Require(call, !IsCalm, "has a connection that nothing happened to");
                Require(call, !call.Plan.Promise.IsIdempotent() || call.IsDisposed, "is idempotent, and should have been sent again");
                break;
            case RpcTimeoutException:
                Require(call, call.Parent is not null || Took(call) >= call.Plan.Timeout - Tick, "had time left");
                Require(call, call.Plan.Timeout < Planner.LongTimeout || CanBeLost(call), "was lost, though nothing that happened loses calls");
                break;
            default:
                Require(call, false, "should not end like that");
                break;
        }
    }

    private void CheckSuccess(CallRecord call)
    {
        if (call.Plan.Promise.HasAnswer())
        {
            if (call.Answer != call.ExpectedAnswer)
            {
                Violate(call, $"got the answer '{call.Answer}' instead of its own");
            }
            else if (!call.Runs.Any(run => run.HasAnswered && run.EndedAt <= call.EndedAt))
            {
                Violate(call, "has an answer, but did not run");
            }
        }
        else if (call.Runs.Count == 0 && IsKept(call))
        {
            Violate(call, "was confirmed, but never ran");
        }
    }

    private void CheckExecution(CallRecord call)
    {
        switch ((call.Failure as RpcException)?.Execution)
        {
            case RpcExecution.NotStarted:
                Require(call, call.Runs.Count == 0, "was reported as not started, but ran");
                break;
            case RpcExecution.Started:
                Require(call, call.Runs.Count > 0, "was reported as started, but did not run");
                break;
        }
    }

    private void CheckRuns(CallRecord call)
    {
        Promise promise = call.Plan.Promise;
        if (promise.IsAtMostOnce() && call.Runs.Count > 1)
        {
            Violate(call, $"ran {call.Runs.Count} times, but at most once is promised");
        }

        if (!promise.IsIdempotent() && call.Runs.Where(static run => !run.IsRedelivered).GroupBy(run => promise.IsBroadcast() ? run.Instance : "").Any(static runs => runs.Count() > 1))
        {
            Violate(call, "ran twice as if it had been delivered for the first time");
        }
    }

    /// <summary>Where nothing goes wrong, each call runs once and ends as its handler does.</summary>
    private void CheckCalm(CallRecord call)
    {
        Promise promise = call.Plan.Promise;
        int instances = promise.IsBroadcast() ? world.Plan.Servers.Count(server => server.Queue == call.Plan.Queue) : 1;
        if (call.Runs.Count > instances || call.Runs.Any(static run => run.IsRedelivered))
        {
            Violate(call, $"ran {call.Runs.Count} times though nothing went wrong");
        }

        if (call.Plan.Timeout < Planner.LongTimeout || call.IsCancelled || call.Parent is not null)
        {
            return;
        }

        bool isMissing = call.Plan.Queue == world.Plan.Queues.Count;
        Require(call, isMissing == call.Failure is RpcUnavailableException || promise == Promise.Unconfirmed, isMissing ? "has no queue" : "has a queue");
        if (!isMissing && call.Runs.Count != instances)
        {
            Violate(call, $"ran {call.Runs.Count} times instead of {instances} though nothing went wrong");
        }
    }

    /// <summary>Whether a call can wait in vain, after a loss that nobody could tell its client of.</summary>
    private bool CanBeLost(CallRecord call) => world.Plan.LosesRequests || call.Plan.Promise == Promise.AtMostOnce || call.Plan.Queue == world.Plan.Queues.Count;

    /// <summary>Whether a request that was confirmed has to run.</summary>
    private bool IsKept(CallRecord call) =>
        call.Plan.Promise is Promise.OneWay or Promise.OneWayIdempotent or Promise.OneWayDurable &&
        !world.Plan.LosesConfirmed(call.Plan.Promise == Promise.OneWayDurable && world.Plan.Queues[call.Plan.Queue] != RpcQueueType.NonDurable);

    private static TimeSpan Took(CallRecord call) => TimeSpan.FromTicks(call.EndedAt - call.StartedAt);

    private void Require(CallRecord call, bool isKept, string reproach)
    {
        if (!isKept)
        {
            Violate(call, call.Failure is { } failure ? $"{reproach}; it ended with {failure.GetType().Name}: {failure.Message}" : reproach);
        }
    }

    private void Violate(CallRecord call, string what) => world.Violate($"{call} {what}");
}
