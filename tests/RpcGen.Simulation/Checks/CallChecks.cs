using RpcGen.Simulation.Stage;

namespace RpcGen.Simulation.Checks;

/// <summary>What every call has to keep. One instance checks one schedule, after its end.</summary>
internal sealed class CallChecks(World world)
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    /// <summary>Checks every call.</summary>
    public void Check()
    {
        foreach (CallRecord call in world.Journal.Calls)
        {
            if (call.Outcomes != 1)
            {
                Violate(call, $"has {call.Outcomes} outcomes");
                continue;
            }

            CheckEnd(call);
            CheckOutcome(call);
            CheckExecution(call);
        }
    }

    /// <summary>Every call ends in its time, earlier if its caller cancels it or its client is disposed.</summary>
    private void CheckEnd(CallRecord call)
    {
        TimeSpan limit = call.Plan.CancelAfter is { } cancel && cancel < call.Plan.Timeout ? cancel : call.Plan.Timeout;
        if (call.Took > limit + world.Lag)
        {
            Violate(call, FormattableString.Invariant($"ended after {call.Took.TotalSeconds:0.000} s, though its time was {limit.TotalSeconds:0.000} s"));
        }

        if (call.Parent is null && call.Caller.DisposedAt is { } disposed && call.EndedAt > Math.Max(disposed, call.StartedAt) + world.Lag.Ticks)
        {
            Violate(call, "went on after its client had been disposed");
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
            case RpcUnavailableException { Reason: RpcUnavailableReason.Overloaded } refusal:
                Require(call, (world.Plan.RejectsWhenOverloaded && call.Plan.Promise.HasAnswer()) || (world.Plan.MaxLongCalls < 1_000 && call.Plan.Promise.IsLong()), "was refused, though nobody refuses such calls");
                Require(call, refusal.Execution == RpcExecution.NotStarted ? call.Runs.Count == 0 : !world.Plan.IsCalm, "was refused, but ran");
                break;
            case RpcUnavailableException:
                Require(call, call.Plan.Queue == world.Plan.Queues.Count || !world.Plan.IsCalm, "has a queue and a server");
                break;
            case RpcConnectionException:
                Require(call, !world.Plan.IsCalm, "has a connection that nothing happened to");
                Require(call, !IsHeld(call), "was taken over by a server that does not stop, and should have survived");
                Require(call, !call.Plan.Promise.IsIdempotent() || call.IsDisposed || call.CopiesSentAt.Count > 1 || WasStoppedWhileLong(call), "is idempotent, and should have been sent again");
                break;
            case RpcTimeoutException:
                Require(call, call.Parent is not null || call.Took >= call.Plan.Timeout - Tick, "had time left");
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

    /// <summary>A server that stops ends its long calls after the grace period, and says so to their callers.</summary>
    private bool WasStoppedWhileLong(CallRecord call) =>
        (call.Plan.Promise.IsLong() || world.Plan.HasStreams) && call.Runs.Exists(run => run.Instance.StopsAt <= call.EndedAt);

    /// <summary>Whether a server that goes on has taken the call over: connections can be lost then.</summary>
    private static bool IsHeld(CallRecord call) => call.AdoptedRun is { } run && call.AdoptedAt < call.EndedAt && !call.IsDisposed && !(run.Instance.StopsAt <= call.EndedAt);

    /// <summary>Whether a call can wait for an answer that never comes, after a loss that nobody could tell its client of.</summary>
    private bool CanBeLost(CallRecord call) =>
        world.Plan.LosesRequests || (call.Plan.Promise is Promise.AtMostOnce or Promise.LongAtMostOnce && !world.Plan.IsGentle) || call.Plan.Queue == world.Plan.Queues.Count;

    /// <summary>Whether a request that was confirmed has to run.</summary>
    private bool IsKept(CallRecord call) =>
        call.Plan.Promise is Promise.OneWay or Promise.OneWayIdempotent or Promise.OneWayDurable &&
        !world.Plan.LosesConfirmed(call.Plan.Promise == Promise.OneWayDurable && world.Plan.Queues[call.Plan.Queue] != RpcQueueType.NonDurable);

    private void Require(CallRecord call, bool isKept, string reproach)
    {
        if (!isKept)
        {
            Violate(call, call.Failure is { } failure ? $"{reproach}; it ended with {failure.GetType().Name}: {failure.Message}" : reproach);
        }
    }

    private void Violate(CallRecord call, string what) => world.Violate($"{call} {what}");
}
