using RpcGen.Simulation.Stage;

namespace RpcGen.Simulation.Streaming;

/// <summary>One call with streams.</summary>
internal sealed record StreamPlan
{
    /// <summary>The method.</summary>
    public required StreamShape Shape { get; init; }

    /// <summary>The queue's number; one beyond the last for a queue that does not exist.</summary>
    public required int Queue { get; init; }

    /// <summary>The time limit of the opening, and of the result.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>What is read: by the client, or of the client by the handler. Of progress: what is reported.</summary>
    public required SourcePlan Source { get; init; }

    /// <summary>How long the caller pauses before the call.</summary>
    public TimeSpan Pause { get; init; }

    /// <summary>When the caller cancels it; null for never.</summary>
    public TimeSpan? CancelAfter { get; init; }

    /// <summary>After how many items or bytes the reader leaves; null for the end. With 0, it never reads.</summary>
    public int? TakeAtMost { get; init; }

    /// <summary>How long the reader pauses after each item or read.</summary>
    public TimeSpan ReaderPause { get; init; }

    /// <summary>How the handler of a call with one result ends.</summary>
    public HandlerEnd HandlerEnd { get; init; }

    /// <summary>How many items or bytes the reader gets if nothing goes wrong.</summary>
    public int Expected => Math.Min(TakeAtMost ?? int.MaxValue, Source.Count);

    /// <summary>Whether the reader leaves before the source has told how it ends.</summary>
    public bool LeavesEarly => TakeAtMost is { } most && most <= Source.Count;
}

/// <summary>What a source produces, and how it ends.</summary>
/// <param name="Count">How many items, or bytes.</param>
/// <param name="ItemLength">How long the text of each item is; for bytes, how many are read at a time at most.</param>
/// <param name="Pause">How long it waits before each item or piece.</param>
/// <param name="End">How it ends.</param>
/// <param name="DisposePause">How long its disposal takes.</param>
internal sealed record SourcePlan(int Count, int ItemLength, TimeSpan Pause, SourceEnd End, TimeSpan DisposePause);

/// <summary>How a source ends.</summary>
internal enum SourceEnd
{
    /// <summary>In order.</summary>
    Ends,

    /// <summary>With an exception that the contract declares.</summary>
    ThrowsDeclared,

    /// <summary>With any other.</summary>
    ThrowsOther,

    /// <summary>Not by itself: it waits until its token fires.</summary>
    Hangs,
}

/// <summary>Somebody who makes calls with streams, one after the other.</summary>
/// <param name="Client">The number of the process.</param>
/// <param name="Start">When it begins.</param>
/// <param name="Calls">Its calls.</param>
internal sealed record StreamerPlan(int Client, TimeSpan Start, IReadOnlyList<StreamPlan> Calls);
