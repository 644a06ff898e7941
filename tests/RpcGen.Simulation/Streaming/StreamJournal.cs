using RpcGen.Simulation.Scheduling;
using RpcGen.Simulation.Stage;

namespace RpcGen.Simulation.Streaming;

/// <summary>The calls with streams of a schedule.</summary>
internal sealed class StreamJournal(VirtualTime time, History history)
{
    private readonly List<StreamRecord> _calls = [];

    /// <summary>All of them, those of probes included.</summary>
    public IReadOnlyList<StreamRecord> Calls => _calls;

    /// <summary>A call begins.</summary>
    public StreamRecord Begin(StreamPlan plan, Process caller)
    {
        var call = new StreamRecord(_calls.Count, plan, caller, time.Now);
        _calls.Add(call);
        history.Add("stream", call.Id, plan.Queue, plan.Shape.ToString());
        return call;
    }

    /// <summary>A call has its outcome.</summary>
    public void End(StreamRecord call, Exception? failure, bool isCancelled)
    {
        call.EndedAt = time.Now;
        call.Outcomes++;
        call.Failure = failure;
        call.IsCancelled = isCancelled;
        history.Add("stream over", call.Id, call.Received, failure is null ? "success" : failure.GetType().Name);
        if (history.KeepsLines && failure is not null)
        {
            history.Tell($"        {failure.Message}");
        }
    }

    /// <summary>A handler starts.</summary>
    public StreamRun StartRun(StreamRecord call, Instance instance, bool isRedelivered)
    {
        var run = new StreamRun(call, instance, isRedelivered);
        call.Runs.Add(run);
        history.Add("stream run", call.Id, isRedelivered ? 1 : 0, instance.Name);
        return run;
    }

    /// <summary>A handler, and what it has returned, ends.</summary>
    public void EndRun(StreamRun run)
    {
        run.EndedAt = time.Now;
        history.Add("stream ran", run.Call.Id, run.Source.Produced + run.Taken, run.Instance.Name);
    }
}
