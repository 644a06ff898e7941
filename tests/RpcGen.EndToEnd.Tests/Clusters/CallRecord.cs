using System.Collections.Concurrent;

namespace RpcGen.EndToEnd.Tests.Clusters;

/// <summary>What a call promises.</summary>
internal enum Promise
{
    Plain,
    Idempotent,
    AtMostOnce,
    OneWay,
}

/// <summary>A call: when it started, when it ran, how it ended. All times are since the start of the test.</summary>
internal sealed class CallRecord(int id, Promise promise, string queue, int client, int caller, TimeSpan startedAt)
{
    private readonly ConcurrentQueue<TimeSpan> _runs = new();
    private CallEnd? _end;

    /// <summary>The call's number, which its arguments and its answer are.</summary>
    public int Id { get; } = id;

    public Promise Promise { get; } = promise;

    public string Queue { get; } = queue;

    /// <summary>The number of the client's connection.</summary>
    public int Client { get; } = client;

    /// <summary>The number of the caller, which makes one call after the other.</summary>
    public int Caller { get; } = caller;

    public TimeSpan StartedAt { get; } = startedAt;

    /// <summary>Its end; null while it lasts.</summary>
    public CallEnd? End
    {
        get => Volatile.Read(ref _end);
        set => Volatile.Write(ref _end, value);
    }

    /// <summary>When its runs started.</summary>
    public IReadOnlyCollection<TimeSpan> Runs => _runs;

    public void AddRun(TimeSpan at) => _runs.Enqueue(at);

    public override string ToString() => FormattableString.Invariant($"call {Id} ({Promise}, queue {Queue}, started at {StartedAt.TotalSeconds:0.000} s)");
}

/// <summary>How a call ended.</summary>
/// <param name="At">When.</param>
/// <param name="Answer">Its answer; null if it has none.</param>
/// <param name="Failure">Its exception; null for success.</param>
internal sealed record CallEnd(TimeSpan At, int? Answer, Exception? Failure);
