using RpcGen.Transport;

namespace RpcGen.Client.Probing;

/// <summary>The state of a queue at a moment.</summary>
/// <param name="IsKnown">Whether the broker answered.</param>
/// <param name="Exists">Whether the queue exists.</param>
/// <param name="State">Its messages and consumers; zero if it does not exist.</param>
/// <param name="At">The moment, as a timestamp of the clock.</param>
internal sealed record QueueReport(bool IsKnown, bool Exists, QueueState State, long At)
{
    /// <summary>Whether nobody consumes the queue, for certain.</summary>
    public bool IsUnserved => IsKnown && State.Consumers == 0;

    /// <summary>The report as a clause.</summary>
    public string Describe(string queue) => this switch
    {
        { IsKnown: false } => $"the state of queue '{queue}' is unknown",
        { Exists: false } => $"queue '{queue}' does not exist",
        { State.Consumers: 0 } => $"queue '{queue}' has no consumer and {Count(State.ReadyMessages, "waiting message")}",
        _ => $"queue '{queue}' has {Count(State.Consumers, "consumer")} and {Count(State.ReadyMessages, "waiting message")}",
    };

    private static string Count(uint count, string what) => count == 1 ? $"1 {what}" : $"{count} {what}s";
}
