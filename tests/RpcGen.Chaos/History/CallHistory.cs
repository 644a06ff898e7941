namespace RpcGen.Chaos.History;

/// <summary>What is known of a call. Times are of one clock, which all processes of the machine share.</summary>
internal sealed class CallHistory(long id)
{
    /// <summary>The call's number: its process in the upper half. It is also its answer.</summary>
    public long Id { get; } = id;

    /// <summary>The number of the process that made it.</summary>
    public int Client => (int)(Id >> 32);

    /// <summary>What it promises; null if only its runs are known.</summary>
    public Promise? Promise { get; private set; }

    /// <summary>When it was made.</summary>
    public TimeSpan StartedAt { get; private set; }

    /// <summary>When handlers began to run it.</summary>
    public List<TimeSpan> Runs { get; } = [];

    /// <summary>Its ends: one, or none if its process was killed.</summary>
    public List<CallEnd> Ends { get; } = [];

    /// <summary>It was made.</summary>
    public void Start(Promise promise, TimeSpan at) => (Promise, StartedAt) = (promise, at);

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"call {Id:x} ({Promise}, made at {StartedAt.TotalSeconds:0.000} s)");
}

/// <summary>How a call ended.</summary>
/// <param name="At">When.</param>
/// <param name="Answer">Its answer; null if it failed.</param>
/// <param name="Failure">The name of its exception's type; null for success.</param>
/// <param name="Execution">What the exception says of the execution; null if it says nothing.</param>
/// <param name="Message">The exception's message; null for success.</param>
internal sealed record CallEnd(TimeSpan At, long? Answer, string? Failure = null, RpcExecution? Execution = null, string? Message = null);
