using RpcGen.Simulation.Stage;

namespace RpcGen.Simulation.Checks;

/// <summary>How often calls run, for how long, and how many at a time. One instance checks one schedule, after its end.</summary>
internal sealed class RunChecks(World world)
{
    /// <summary>How long a cancellation takes to its server where nothing is in its way.</summary>
    private static readonly TimeSpan CancelDelay = TimeSpan.FromSeconds(1);

    /// <summary>Checks every call's runs, and every server.</summary>
    public void Check()
    {
        foreach (CallRecord call in world.Journal.Calls)
        {
            CheckCount(call);
            call.Runs.ForEach(CheckTime);
            CheckCopies(call);
            CheckAdopted(call);
            if (world.Plan.IsCalm || world.Plan.IsGentle)
            {
                CheckUndisturbed(call);
            }
        }

        if (world.Plan.IsCalm || world.Plan.IsGentle)
        {
            foreach (Instance instance in world.Servers.SelectMany(static server => server.Instances).Where(static instance => instance.MostRunning > instance.MaxConcurrentCalls))
            {
                world.Violate($"{instance.Name} ran {instance.MostRunning} calls at a time instead of {instance.MaxConcurrentCalls}");
            }
        }
    }

    /// <summary>A call that everything is there for has to succeed, and to run once at each server that it is for.</summary>
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

    private void CheckCount(CallRecord call)
    {
        Promise promise = call.Plan.Promise;
        if (promise.IsAtMostOnce() && call.Runs.Count > 1)
        {
            Violate(call, $"ran {call.Runs.Count} times, but at most once is promised");
        }

        if (!promise.IsIdempotent() && !world.Plan.HidesRedelivery && call.Runs.Where(static run => !run.IsRedelivered).GroupBy(run => promise.IsBroadcast() ? run.Instance : null).Any(static runs => runs.Count() > 1))
        {
            Violate(call, "ran twice as if it had been delivered for the first time");
        }
    }

    /// <summary>
    /// What its caller has an answer to, or has given up, is neither sent again nor run again. A copy that was sent before can
    /// still run: its cancellation can be on its way.
    /// </summary>
    private void CheckCopies(CallRecord call)
    {
        if (call.CopiesSentAt.Exists(sent => sent > call.EndedAt))
        {
            Violate(call, "was sent again after it had ended");
        }

        if (call.Plan.Promise is Promise.Plain or Promise.Idempotent or Promise.Batched or Promise.Long or Promise.LongIdempotent && call.CopiesSentAt.Count == 0
            && call.Runs.Find(run => run.IsRedelivered) is { } again)
        {
            Violate(call, $"ran again on {again.Instance.Name}, although its caller had not sent it again");
        }
    }

    /// <summary>A long call that a server has taken over runs nowhere else as long as that server does not stop, unless a copy was on its way.</summary>
    private void CheckAdopted(CallRecord call)
    {
        if (call.AdoptedRun is { } adopted && !call.Plan.Promise.IsIdempotent() && !world.Plan.HidesRedelivery && !call.CopiesSentAt.Exists(sent => sent <= call.AdoptedAt)
            && call.Runs.Find(run => run != adopted && run.StartedAt > call.AdoptedAt && !(adopted.Instance.StopsAt <= run.StartedAt)) is { } other)
        {
            Violate(call, $"runs on {adopted.Instance.Name}, which has taken it over, and was run on {other.Instance.Name} too");
        }
    }

    /// <summary>A handler that heeds its token ends when its caller's time is over, and soon after its caller has cancelled.</summary>
    private void CheckTime(RunRecord run)
    {
        CallRecord call = run.Call;
        if (run.EndedAt == 0)
        {
            Violate(call, $"still runs on {run.Instance.Name}");
        }
        else if (call.Plan.HeedsToken && call.Plan.Promise.HasAnswer())
        {
            long over = run.StartedAt + call.Plan.Timeout.Ticks;
            if (world.Plan.IsCalm && call.IsCancelled)
            {
                over = Math.Min(over, Math.Max(call.EndedAt, run.StartedAt) + CancelDelay.Ticks);
            }

            if (run.EndedAt > over + world.Lag.Ticks)
            {
                Violate(call, $"ran on {run.Instance.Name} for {TimeSpan.FromTicks(run.EndedAt - run.StartedAt).TotalSeconds} s, though its token should have fired");
            }
        }
    }

    /// <summary>Where nothing goes wrong, each call runs once and ends as its handler does.</summary>
    private void CheckUndisturbed(CallRecord call)
    {
        Promise promise = call.Plan.Promise;
        bool isMissing = call.Plan.Queue == world.Plan.Queues.Count;
        int most = promise.IsBroadcast() ? world.Plan.Servers.Count(server => server.Queue == call.Plan.Queue) : 1;
        if (call.Runs.Count > most || call.Runs.Any(static run => run.IsRedelivered))
        {
            Violate(call, $"ran {call.Runs.Count} times though nothing went wrong");
        }

        if (call.Failure is RpcUnavailableException { Reason: RpcUnavailableReason.Overloaded })
        {
            return; // CallChecks looks at these
        }

        if (call.Plan.Timeout < Planner.LongTimeout || call.IsCancelled || call.Parent is not null || (!world.Plan.IsCalm && (promise.IsBroadcast() || call.Plan.FailFast)))
        {
            return;
        }

        int expected = isMissing ? 0 : most;
        bool isRefused = call.Failure is RpcUnavailableException;
        bool isLost = call.Failure is RpcConnectionException or RpcTimeoutException;
        if (call.Runs.Count != expected || isLost || (isRefused != isMissing && promise != Promise.Unconfirmed))
        {
            Violate(call, $"ran {call.Runs.Count} times instead of {expected} and ended with {call.Failure?.GetType().Name ?? "success"} though nothing went wrong");
        }
    }

    private void Violate(CallRecord call, string what) => world.Violate($"{call} {what}");
}
