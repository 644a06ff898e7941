using RpcGen.Simulation.Streaming;

namespace RpcGen.Simulation.Stage;

/// <summary>Everything that a schedule does on purpose, made from its seed before anything runs.</summary>
internal sealed record Plan
{
    /// <summary>A grace period in which everything that runs can end.</summary>
    public static readonly TimeSpan AmpleGrace = TimeSpan.FromSeconds(30);

    /// <summary>The request queues, by number.</summary>
    public required IReadOnlyList<RpcQueueType> Queues { get; init; }

    /// <summary>The processes that serve, by number; the first ones serve a queue each.</summary>
    public required IReadOnlyList<ServerPlan> Servers { get; init; }

    /// <summary>The processes that call, by number: whether their calls may share messages.</summary>
    public required IReadOnlyList<bool> Clients { get; init; }

    /// <summary>Those who call, each one call after the other.</summary>
    public required IReadOnlyList<CallerPlan> Callers { get; init; }

    /// <summary>What goes wrong, and what operators do.</summary>
    public required IReadOnlyList<FaultPlan> Faults { get; init; }

    /// <summary>Whether servers refuse calls that waited too long.</summary>
    public required bool RejectsWhenOverloaded { get; init; }

    /// <summary>Whether the broker delivers requests again without saying so, as RabbitMQ before 4.0 can. Servers know that it may.</summary>
    public required bool HidesRedelivery { get; init; }

    /// <summary>Those who make calls with streams, each one call after the other; empty in schedules without streams.</summary>
    public IReadOnlyList<StreamerPlan> Streamers { get; init; } = [];

    /// <summary>Whether the schedule has streams and long calls.</summary>
    public bool HasStreams => Streamers.Count > 0;

    /// <summary>When calls of methods that are not marked become long.</summary>
    public TimeSpan LongCallAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many calls of long-running methods a server runs at a time.</summary>
    public int MaxLongCalls { get; init; } = 1_000;

    /// <summary>How many streams a server has open at a time.</summary>
    public int MaxStreams { get; init; } = 1_000;

    /// <summary>Whether nothing goes wrong at all.</summary>
    public bool IsCalm => Faults.Count == 0;

    /// <summary>Whether nothing happens that a call has to notice: servers stop and start with time enough for what they run.</summary>
    public bool IsGentle =>
        Faults.All(static fault => fault.Kind is FaultKind.RestartServer or FaultKind.ReplaceServerProcess) &&
        Servers.All(static server => server.GracePeriod == AmpleGrace);

    /// <summary>Whether a fault can lose a request that waits in a queue while its client's connection stays.</summary>
    public bool LosesRequests => Faults.Any(static fault => fault.Kind is FaultKind.DeleteQueue or FaultKind.Wipe or FaultKind.PurgeQueue or FaultKind.LimitQueue);

    /// <summary>Whether a fault can lose what a queue has confirmed.</summary>
    public bool LosesConfirmed(bool isDurable) => LosesRequests || (!isDurable && Faults.Any(static fault => fault.Kind == FaultKind.StopBroker));
}

/// <summary>A process that serves one queue.</summary>
/// <param name="Queue">The queue's number.</param>
/// <param name="MaxConcurrentCalls">How many calls run at a time.</param>
/// <param name="GracePeriod">How long it lets calls run when it stops.</param>
/// <param name="Batching">Whether the calls of its handlers may share messages.</param>
internal sealed record ServerPlan(int Queue, int MaxConcurrentCalls, TimeSpan GracePeriod, bool Batching);

/// <summary>Somebody who calls, one call after the other.</summary>
/// <param name="Client">The number of its process.</param>
/// <param name="Start">When it begins.</param>
/// <param name="Calls">Its calls.</param>
internal sealed record CallerPlan(int Client, TimeSpan Start, IReadOnlyList<CallPlan> Calls);

/// <summary>One call.</summary>
internal sealed record CallPlan
{
    /// <summary>What the method promises.</summary>
    public required Promise Promise { get; init; }

    /// <summary>The queue's number; one beyond the last for a queue that does not exist.</summary>
    public required int Queue { get; init; }

    /// <summary>How long its caller waits for it.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>How long its caller pauses before it.</summary>
    public TimeSpan Pause { get; init; }

    /// <summary>When its caller cancels it; null for never.</summary>
    public TimeSpan? CancelAfter { get; init; }

    /// <summary>Whether it fails at once where nobody consumes the queue.</summary>
    public bool FailFast { get; init; }

    /// <summary>Whether it has metadata, which keeps it from sharing a message.</summary>
    public bool HasMetadata { get; init; }

    /// <summary>How long its text is.</summary>
    public int TextLength { get; init; }

    /// <summary>How long its handler works.</summary>
    public TimeSpan Work { get; init; }

    /// <summary>Whether its handler stops when its token fires.</summary>
    public bool HeedsToken { get; init; }

    /// <summary>How its handler ends.</summary>
    public HandlerEnd End { get; init; }

    /// <summary>A call that its handler makes; null for none.</summary>
    public CallPlan? Nested { get; init; }
}

/// <summary>How a handler ends.</summary>
internal enum HandlerEnd
{
    /// <summary>With an answer.</summary>
    Answers,

    /// <summary>With an exception that the contract declares.</summary>
    ThrowsDeclared,

    /// <summary>With any other.</summary>
    ThrowsOther,

    /// <summary>With a cancellation of its own.</summary>
    GivesUp,
}

/// <summary>Something that goes wrong, or that an operator does.</summary>
/// <param name="Kind">What.</param>
/// <param name="At">When.</param>
/// <param name="Target">Which one, as any number.</param>
/// <param name="Lasts">For how long, where it has an end.</param>
internal sealed record FaultPlan(FaultKind Kind, TimeSpan At, int Target, TimeSpan Lasts)
{
    public override string ToString() => FormattableString.Invariant($"{Kind} at {At.TotalSeconds:0.000} s, target {Target}, for {Lasts.TotalSeconds:0.000} s");
}

/// <summary>The kinds of <see cref="FaultPlan"/>.</summary>
internal enum FaultKind
{
    /// <summary>The broker closes one connection; its process learns of it later.</summary>
    CloseConnection,

    /// <summary>The broker closes all connections.</summary>
    CloseAllConnections,

    /// <summary>A channel is closed by an error.</summary>
    CloseChannel,

    /// <summary>Nothing passes on one connection for a while.</summary>
    StallConnection,

    /// <summary>A connection is dead, which its process learns of only after a while.</summary>
    CutConnection,

    /// <summary>An alarm: the broker takes no messages.</summary>
    Block,

    /// <summary>The broker hangs.</summary>
    Pause,

    /// <summary>The broker is stopped, then started.</summary>
    StopBroker,

    /// <summary>A request queue is deleted.</summary>
    DeleteQueue,

    /// <summary>A request queue is emptied.</summary>
    PurgeQueue,

    /// <summary>A policy lets a request queue refuse what is beyond a few messages, for a while.</summary>
    LimitQueue,

    /// <summary>All queues and exchanges are deleted.</summary>
    Wipe,

    /// <summary>A server is stopped and started again in its process.</summary>
    RestartServer,

    /// <summary>A server's process is disposed and another one started in its place.</summary>
    ReplaceServerProcess,

    /// <summary>A client's process is disposed, and another one started in its place.</summary>
    ReplaceClient,
}
