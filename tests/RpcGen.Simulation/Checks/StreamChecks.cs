using RpcGen.Simulation.Stage;
using RpcGen.Simulation.Streaming;

namespace RpcGen.Simulation.Checks;

/// <summary>What every call with streams has to keep. Order and completeness of what arrives are checked while it arrives. One instance checks one schedule, after its end.</summary>
internal sealed class StreamChecks(World world)
{
    /// <summary>Checks every call.</summary>
    public void Check()
    {
        foreach (StreamRecord call in world.Streams.Calls)
        {
            if (call.Outcomes != 1)
            {
                Violate(call, $"has {call.Outcomes} outcomes");
                continue;
            }

            if (call.Failure is null)
            {
                CheckSuccess(call);
            }
            else
            {
                CheckFailure(call);
            }

            CheckEnd(call);
            CheckExecution(call);
            call.Runs.ForEach(CheckRun);
        }
    }

    /// <summary>A call that everything is there for has to succeed, and to run once.</summary>
    public void CheckProbe(StreamRecord probe)
    {
        if (probe.Failure is { } failure)
        {
            Violate(probe, $"failed after the faults had ended: {failure.GetType().Name}: {failure.Message}");
        }
        else if (probe.Runs.Count != 1 || probe.Runs[0].IsRedelivered)
        {
            Violate(probe, $"ran {probe.Runs.Count} times after the faults had ended");
        }
    }

    /// <summary>What ends without an exception is complete, and comes from one run.</summary>
    private void CheckSuccess(StreamRecord call)
    {
        StreamPlan plan = call.Plan;
        if (plan.Shape is not StreamShape.Report && plan is { TakeAtMost: 0, Shape: not (StreamShape.Store or StreamShape.StoreIdempotently or StreamShape.Upload or StreamShape.Download) })
        {
            Require(call, call.Runs.Count == 0, "was never read, but ran");
            return;
        }

        bool isWhole = call.Plan.Shape switch
        {
            StreamShape.Report => call.Received == plan.Source.Count && call.Result == plan.Source.Count,
            StreamShape.Store or StreamShape.StoreIdempotently or StreamShape.Upload => call.Result == plan.Expected && call.Runs.Exists(run => run.Taken == plan.Expected),
            _ => call.Received == plan.Expected && call.Runs.Exists(run => run.Source.Produced >= plan.Expected),
        };
        Require(call, isWhole, $"has ended without an exception after {call.Received} of {plan.Expected}, with the result {call.Result}");
        bool hasSeenEnd = plan.Shape.ReturnsStream() ? !call.HasLeft : plan.Shape == StreamShape.Report || call.Runs.Exists(static run => run.HasSeenEnd);
        bool isTold = plan.Shape == StreamShape.Report ? plan.Source.End != SourceEnd.Hangs : plan.Source.End == SourceEnd.Ends;
        Require(call, !hasSeenEnd || isTold, "has ended in order, although its source did not");
        Require(call, plan.LeavesEarly || call.Source is not { HasThrown: true }, "has ended in order, although the client's source failed");
        Require(call, plan.Shape.ReturnsStream() || plan.HandlerEnd == HandlerEnd.Answers, "has a result, although its handler failed");
    }

    private void CheckFailure(StreamRecord call)
    {
        StreamPlan plan = call.Plan;
        bool isSourceDue = plan.Shape is not StreamShape.Report && (!plan.LeavesEarly || plan is { Shape: StreamShape.Download, Source.Count: 0 }); // that fails before it is read
        bool isHandlerDue = !plan.Shape.ReturnsStream() && call.Runs.Count > 0;
        switch (call.Failure)
        {
            case JobFailedException or InvalidOperationException when call.Source is { HasThrown: true }:
                break; // its own source's exception: what came before it is up to the server
            case JobFailedException when isSourceDue && plan.Source.End == SourceEnd.ThrowsDeclared:
            case RpcRemoteException { Code: "internal" } when isSourceDue && plan.Source.End == SourceEnd.ThrowsOther:
                Require(call, call.Received == plan.Source.Count, $"has failed after {call.Received} of {plan.Source.Count}");
                break;
            case JobFailedException when isHandlerDue && plan.HandlerEnd == HandlerEnd.ThrowsDeclared:
            case RpcRemoteException { Code: "internal" } when isHandlerDue && plan.HandlerEnd == HandlerEnd.ThrowsOther:
                Require(call, plan.Shape != StreamShape.Report || call.Received == plan.Source.Count, $"has failed after progress {call.Received} of {plan.Source.Count}");
                break;
            case OperationCanceledException:
                Require(call, call.IsCancelled, "was not cancelled");
                break;
            case ObjectDisposedException:
                Require(call, IsDisposed(call), "has a client that is not disposed");
                break;
            case RpcUnavailableException { Reason: RpcUnavailableReason.Overloaded }:
                Require(call, world.Plan.RejectsWhenOverloaded || world.Plan.MaxStreams < 1_000 || !world.Plan.IsCalm, "was refused, though there was room");
                break;
            case RpcUnavailableException:
                Require(call, plan.Queue == world.Plan.Queues.Count || !world.Plan.IsCalm, "has a queue and a server");
                break;
            case RpcConnectionException lost:
                Require(call, !world.Plan.IsGentle || IsDisposed(call), "has a connection and a server that nothing happened to");
                Require(call, !plan.Shape.ReturnsStream() || lost.ItemsReceived == call.Received, $"says that {lost.ItemsReceived} came, though {call.Received} did");
                break;
            case RpcTimeoutException:
                Require(call, plan.Timeout < Planner.LongTimeout || CanBeLost(call), "was lost, though nothing that happened loses calls");
                Require(call, !plan.Shape.ReturnsStream() || TimeSpan.FromTicks(call.EndedAt - call.StartedAt) < plan.Timeout + world.Lag, "was opened for longer than its time limit");
                break;
            default:
                Require(call, false, "should not end like that");
                break;
        }
    }

    /// <summary>A cancellation ends a call at once, or as soon as its own source is disposed.</summary>
    private void CheckEnd(StreamRecord call)
    {
        TimeSpan sourceTime = call.Source is null ? TimeSpan.Zero : call.Plan.Source.DisposePause;
        if (call.Plan.CancelAfter is { } cancel && TimeSpan.FromTicks(call.EndedAt - call.StartedAt) > cancel + sourceTime + world.Lag)
        {
            Violate(call, $"ended {TimeSpan.FromTicks(call.EndedAt - call.StartedAt).TotalSeconds} s after its start, though it was cancelled after {cancel.TotalSeconds} s");
        }
    }

    private void CheckExecution(StreamRecord call)
    {
        if ((call.Failure as RpcException)?.Execution == RpcExecution.NotStarted)
        {
            Require(call, call.Runs.Count == 0, "was reported as not started, but ran");
        }

        if (call.Plan.Shape == StreamShape.ListOnce)
        {
            Require(call, call.Runs.Count <= 1, $"ran {call.Runs.Count} times, but at most once is promised");
        }

        if (!call.Plan.Shape.IsIdempotent() && !world.Plan.HidesRedelivery)
        {
            Require(call, call.Runs.Count(static run => !run.IsRedelivered) <= 1, "ran twice as if it had been delivered for the first time");
        }

        if (world.Plan.IsGentle)
        {
            Require(call, call.Runs.Count <= 1, $"ran {call.Runs.Count} times though nothing went wrong");
        }
    }

    /// <summary>All that a handler has opened is closed, once.</summary>
    private void CheckRun(StreamRun run)
    {
        StreamRecord call = run.Call;
        SourceRecord source = run.Source;
        bool isUnread = source.Opened == 0 && call.Plan.Shape.ReturnsStream() && call.Plan.Shape != StreamShape.Download; // items that nobody enumerates hold nothing
        if (!isUnread && (run.EndedAt == 0 || (call.Plan.Shape.ReturnsStream() && source.Disposed != 1)))
        {
            Violate(call, $"still runs on {run.Instance.Name}, or its source was disposed {source.Disposed} times");
        }

        if (run.HasSeenEnd && call.Source is { HasEnded: false })
        {
            Violate(call, $"has seen the end of its client's stream on {run.Instance.Name} after {run.Taken}, which did not end");
        }

        if (run.HasSeenEnd && call.Source is { } sent && run.Taken != sent.Produced)
        {
            Violate(call, $"has seen the end of its client's stream on {run.Instance.Name} after {run.Taken} of {sent.Produced}");
        }

        if (run.ReadFailure is { } failure and not OperationCanceledException && !(failure is RpcRemoteException { Code: "cancelled" } && call.Source is { HasThrown: true }))
        {
            Violate(call, $"could not be read on {run.Instance.Name}: {failure.GetType().Name}: {failure.Message}");
        }
    }

    private bool CanBeLost(StreamRecord call) =>
        world.Plan.LosesRequests || (call.Plan.Shape == StreamShape.ListOnce && !world.Plan.IsGentle) || call.Plan.Queue == world.Plan.Queues.Count;

    private static bool IsDisposed(StreamRecord call) => call.Caller.DisposedAt is { } at && at <= call.EndedAt;

    private void Require(StreamRecord call, bool isKept, string reproach)
    {
        if (!isKept)
        {
            Violate(call, call.Failure is { } failure ? $"{reproach}; it ended with {failure.GetType().Name}: {failure.Message}" : reproach);
        }
    }

    private void Violate(StreamRecord call, string what) => world.Violate($"{call} {what}");
}
