using System.Text.Json;
using RpcGen.Protocol;
using RpcGen.Simulation.Scheduling;
using RpcGen.Transport;

namespace RpcGen.Simulation.Stage;

/// <summary>The calls of a schedule: who called what, where it ran, how it ended.</summary>
internal sealed class Journal(VirtualTime time, History history)
{
    private readonly List<CallRecord> _calls = [];
    private readonly Dictionary<CorrelationId, CallRecord> _longCalls = [];

    /// <summary>All calls, those of handlers and probes included.</summary>
    public IReadOnlyList<CallRecord> Calls => _calls;

    /// <summary>A call begins.</summary>
    public CallRecord Begin(CallPlan plan, Process caller, RunRecord? parent)
    {
        var call = new CallRecord(_calls.Count, plan, caller, time.Now, parent);
        _calls.Add(call);
        history.Add("call", call.Id, plan.Queue, plan.Promise.ToString());
        return call;
    }

    /// <summary>A call has its outcome.</summary>
    public void End(CallRecord call, string? answer, Exception? failure, bool isCancelled)
    {
        call.EndedAt = time.Now;
        call.Outcomes++;
        call.Answer = answer;
        call.Failure = failure;
        call.IsCancelled = isCancelled;
        history.Add("outcome", call.Id, answer?.Length ?? 0, failure is null ? "success" : failure.GetType().Name);
        if (history.KeepsLines && failure is not null)
        {
            history.Tell($"        {failure.Message}");
        }
    }

    /// <summary>A process publishes a message: notes the calls that are sent again because a server sent them back.</summary>
    public void AddCopies(OutgoingMessage message)
    {
        if (message.Type != WireNames.Batch || !AgainMessages.IsSentAgain(message.ContentType))
        {
            return;
        }

        var batch = new BatchReader(message.Body.Span);
        while (batch.NextEntry())
        {
            using JsonDocument arguments = JsonDocument.Parse(message.Body[batch.Body]);
            int call = arguments.RootElement.GetProperty("call").GetInt32();
            _calls[call].CopiesSentAt.Add(time.Now);
            history.Add("copy", call, 0, "");
        }
    }

    /// <summary>A process publishes a message: notes which runs of long calls are adopted.</summary>
    public void AddAdoptions(OutgoingMessage message)
    {
        if (message.Type == StreamMessageKinds.Running)
        {
            foreach (CorrelationId id in LongCallBodies.ReadRunning(message.Body).Calls)
            {
                if (_longCalls.TryGetValue(id, out CallRecord? call) && call.AdoptedRun is null && call.Runs.FindAll(static run => run.EndedAt == 0) is [var run])
                {
                    (call.AdoptedRun, call.AdoptedAt) = (run, time.Now);
                    history.Add("adopted", call.Id, 0, run.Instance.Name);
                }
            }
        }
        else if (message.Type?.StartsWith("DoLong", StringComparison.Ordinal) == true)
        {
            using JsonDocument arguments = JsonDocument.Parse(message.Body);
            _longCalls[message.CorrelationId.Normalize()] = _calls[arguments.RootElement.GetProperty("call").GetInt32()];
        }
    }

    /// <summary>A handler starts.</summary>
    public RunRecord StartRun(CallRecord call, Instance instance, bool isRedelivered)
    {
        var run = new RunRecord(call, instance, isRedelivered, time.Now);
        call.Runs.Add(run);
        if (!call.Plan.Promise.IsLong()) // those that are taken over have no place
        {
            instance.Running++;
            instance.MostRunning = Math.Max(instance.MostRunning, instance.Running);
        }

        history.Add("run", call.Id, isRedelivered ? 1 : 0, instance.Name);
        return run;
    }

    /// <summary>A handler ends.</summary>
    public void EndRun(RunRecord run, bool hasAnswered)
    {
        run.EndedAt = time.Now;
        run.Instance.Running -= run.Call.Plan.Promise.IsLong() ? 0 : 1;
        run.HasAnswered = hasAnswered;
        history.Add("ran", run.Call.Id, hasAnswered ? 1 : 0, run.Instance.Name);
    }
}

/// <summary>A call and what became of it.</summary>
internal sealed class CallRecord(int id, CallPlan plan, Process caller, long startedAt, RunRecord? parent)
{
    /// <summary>Its number, which its arguments carry.</summary>
    public int Id { get; } = id;

    /// <summary>What was planned.</summary>
    public CallPlan Plan { get; } = plan;

    /// <summary>The process that calls.</summary>
    public Process Caller { get; } = caller;

    /// <summary>The handler that calls; null for a caller of its own.</summary>
    public RunRecord? Parent { get; } = parent;

    /// <summary>When it began.</summary>
    public long StartedAt { get; } = startedAt;

    /// <summary>When it ended.</summary>
    public long EndedAt { get; set; }

    /// <summary>How often it ended.</summary>
    public int Outcomes { get; set; }

    /// <summary>How long it took.</summary>
    public TimeSpan Took => TimeSpan.FromTicks(EndedAt - StartedAt);

    /// <summary>Its answer; null where it has none.</summary>
    public string? Answer { get; set; }

    /// <summary>Its exception; null for success.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Whether its caller had cancelled by its end.</summary>
    public bool IsCancelled { get; set; }

    /// <summary>Whether its process was disposed, or about to be, by its end.</summary>
    public bool IsDisposed => Caller.DisposedAt is { } at && at <= EndedAt;

    /// <summary>Its runs, in order of their starts.</summary>
    public List<RunRecord> Runs { get; } = [];

    /// <summary>When its client sent copies of it, since a server had sent it back.</summary>
    public List<long> CopiesSentAt { get; } = [];

    /// <summary>The run that its caller waits for, if it is long; null if that is not known.</summary>
    public RunRecord? AdoptedRun { get; set; }

    /// <summary>Since when the server of that run knows.</summary>
    public long AdoptedAt { get; set; }

    /// <summary>The text that goes with it.</summary>
    public string Text { get; } = string.Create(plan.TextLength, id, static (text, id) =>
    {
        for (int place = 0; place < text.Length; place++)
        {
            text[place] = (char)('a' + (id * 7 + place) % 26);
        }
    });

    /// <summary>The answer that is its own.</summary>
    public string ExpectedAnswer => FormattableString.Invariant($"{Id}:{Text}");

    /// <summary>How it is called in messages.</summary>
    public override string ToString() => FormattableString.Invariant($"call {Id} ({Plan.Promise}, queue {Plan.Queue}, from {Caller.Name})");
}

/// <summary>A run of a call's handler.</summary>
internal sealed class RunRecord(CallRecord call, Instance instance, bool isRedelivered, long startedAt)
{
    /// <summary>The call.</summary>
    public CallRecord Call { get; } = call;

    /// <summary>The server that ran it.</summary>
    public Instance Instance { get; } = instance;

    /// <summary>Whether the broker said that it had delivered the request before.</summary>
    public bool IsRedelivered { get; } = isRedelivered;

    /// <summary>When it started.</summary>
    public long StartedAt { get; } = startedAt;

    /// <summary>When it ended; 0 while it runs.</summary>
    public long EndedAt { get; set; }

    /// <summary>Whether it ended without an exception.</summary>
    public bool HasAnswered { get; set; }
}

/// <summary>A server from its start to its stop.</summary>
internal sealed class Instance(string name, int maxConcurrentCalls)
{
    /// <summary>How it is called in messages.</summary>
    public string Name { get; } = name;

    /// <summary>How many calls it is to run at a time.</summary>
    public int MaxConcurrentCalls { get; } = maxConcurrentCalls;

    /// <summary>How many calls run.</summary>
    public int Running { get; set; }

    /// <summary>How many calls ran at a time at most.</summary>
    public int MostRunning { get; set; }

    /// <summary>Since when it is being stopped; null for not.</summary>
    public long? StopsAt { get; set; }

    /// <summary>Whether it has stopped: it must run nothing more.</summary>
    public bool HasStopped { get; set; }
}
