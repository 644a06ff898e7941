using RpcGen.Transport;

namespace RpcGen.Client.Probing;

/// <summary>The state of a queue at a moment.</summary>
/// <param name="IsKnown">Whether the broker answered.</param>
/// <param name="Exists">Whether the queue exists.</param>
/// <param name="State">Its messages and consumers; zero if it does not exist.</param>
/// <param name="At">The moment, as a timestamp of the clock.</param>
internal sealed record QueueReport(bool IsKnown, bool Exists, QueueState State, long At)
{
    /// <summary>Why the broker cannot reach the queue, although it knows it: a predicate for messages; null if it can, or if the queue does not exist.</summary>
    public string? Unreachable { get; init; }

    /// <summary>The same for a queue that has refused a message. If the broker cannot say anything of such a queue, its node is the reason: a full queue answers.</summary>
    public string? UnreachableAfterRefusal => Unreachable ?? (IsKnown ? null : "does not answer: its node can be down, or hang");

    /// <summary>For how long inspections have found the queue without consumers, the first of them included; zero at the first.</summary>
    public TimeSpan UnservedFor { get; init; }

    /// <summary>Why the queue has no consumer. Meaningful if <see cref="IsUnserved"/>.</summary>
    public RpcUnavailableReason UnservedReason =>
        Unreachable is not null ? RpcUnavailableReason.QueueUnreachable
        : Exists ? RpcUnavailableReason.NoConsumer
        : RpcUnavailableReason.NoQueue;

    /// <summary>Whether the queue has no consumer, for certain.</summary>
    public bool IsUnserved => IsKnown && State.Consumers == 0;

    /// <summary>The report as a clause.</summary>
    public string Describe(string queue) => this switch
    {
        { IsKnown: false } => $"the state of queue '{queue}' is unknown",
        { Unreachable: { } unreachable } => $"queue '{queue}' {unreachable}",
        { Exists: false } => $"queue '{queue}' does not exist",
        { State.Consumers: 0, UnservedFor.TotalSeconds: >= 1 } =>
            $"queue '{queue}' has had no consumer for at least {(long)UnservedFor.TotalSeconds} s, and has {Count(State.ReadyMessages, "waiting message")}",
        { State.Consumers: 0 } => $"queue '{queue}' has no consumer and {Count(State.ReadyMessages, "waiting message")}",
        _ => $"queue '{queue}' has {Count(State.Consumers, "consumer")} and {Count(State.ReadyMessages, "waiting message")}",
    };

    private static string Count(uint count, string what) => count == 1 ? $"1 {what}" : $"{count} {what}s";
}
