using RpcGen.Transport;

namespace RpcGen.Client;

/// <summary>What a look at a queue showed.</summary>
/// <param name="IsKnown">Whether the broker answered.</param>
/// <param name="Exists">Whether there is such a queue.</param>
/// <param name="State">Its messages and consumers; none where it does not exist.</param>
/// <param name="At">When, as a timestamp of the clock.</param>
internal sealed record QueueReport(bool IsKnown, bool Exists, QueueState State, long At)
{
    /// <summary>The report as a clause.</summary>
    public string Describe(string queue) => this switch
    {
        { IsKnown: false } => $"the state of queue '{queue}' is unknown",
        { Exists: false } => $"queue '{queue}' does not exist",
        { State.Consumers: 0 } => $"queue '{queue}' has no consumer and {State.ReadyMessages} waiting messages",
        _ => $"queue '{queue}' has {State.Consumers} consumers and {State.ReadyMessages} waiting messages",
    };
}
