using RpcGen.Simulation.Stage;

namespace RpcGen.Simulation.Streaming;

/// <summary>A call with streams and what became of it.</summary>
internal sealed class StreamRecord(int id, StreamPlan plan, Process caller, long startedAt)
{
    /// <summary>Its number, which its arguments carry.</summary>
    public int Id { get; } = id;

    /// <summary>What was planned.</summary>
    public StreamPlan Plan { get; } = plan;

    /// <summary>The process that calls.</summary>
    public Process Caller { get; } = caller;

    /// <summary>When it began.</summary>
    public long StartedAt { get; } = startedAt;

    /// <summary>When it ended; 0 while it is under way.</summary>
    public long EndedAt { get; set; }

    /// <summary>How often it ended.</summary>
    public int Outcomes { get; set; }

    /// <summary>How many items or bytes the client has taken, or the last progress that it has got.</summary>
    public long Received { get; set; }

    /// <summary>The result of a call that has one; null for none.</summary>
    public long? Result { get; set; }

    /// <summary>Whether the client left the stream before its end.</summary>
    public bool HasLeft { get; set; }

    /// <summary>Its exception; null for none.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Whether its caller had cancelled by its end.</summary>
    public bool IsCancelled { get; set; }

    /// <summary>The client's source; null if it has none.</summary>
    public SourceRecord? Source { get; set; }

    /// <summary>Its runs, in order of their starts.</summary>
    public List<StreamRun> Runs { get; } = [];

    /// <summary>How it is called in messages.</summary>
    public override string ToString() => FormattableString.Invariant($"stream {Id} ({Plan.Shape}, queue {Plan.Queue}, from {Caller.Name})");
}

/// <summary>A run of its handler.</summary>
internal sealed class StreamRun(StreamRecord call, Instance instance, bool isRedelivered)
{
    /// <summary>The call.</summary>
    public StreamRecord Call { get; } = call;

    /// <summary>The server that ran it.</summary>
    public Instance Instance { get; } = instance;

    /// <summary>Whether the broker said that it had delivered the request before.</summary>
    public bool IsRedelivered { get; } = isRedelivered;

    /// <summary>When it ended; 0 while it runs.</summary>
    public long EndedAt { get; set; }

    /// <summary>What it produces.</summary>
    public SourceRecord Source { get; } = new();

    /// <summary>How many items or bytes of the client it has taken.</summary>
    public long Taken { get; set; }

    /// <summary>Whether it has seen the end of the client's stream.</summary>
    public bool HasSeenEnd { get; set; }

    /// <summary>How its read of the client's stream failed; null for not.</summary>
    public Exception? ReadFailure { get; set; }
}

/// <summary>What became of a source.</summary>
internal sealed class SourceRecord
{
    /// <summary>How many items or bytes it has produced.</summary>
    public long Produced { get; set; }

    /// <summary>How often it was enumerated.</summary>
    public int Opened { get; set; }

    /// <summary>How many of its enumerators, or how often the stream of bytes, were disposed.</summary>
    public int Disposed { get; set; }

    /// <summary>Whether it has ended in order.</summary>
    public bool HasEnded { get; set; }

    /// <summary>Whether it has thrown.</summary>
    public bool HasThrown { get; set; }

    /// <summary>Whether an item or piece is asked for.</summary>
    public bool IsMoving { get; set; }

    /// <summary>Called when it has produced another item or piece; null for nobody.</summary>
    public Action? OnProduced { get; set; }

    /// <summary>Called when it is disposed; null for nobody.</summary>
    public Action? OnDisposed { get; set; }
}
