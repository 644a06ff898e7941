namespace RpcGen.Transport;

/// <summary>The state of a queue at one moment.</summary>
/// <param name="ReadyMessages">Messages that wait, not counting those delivered and not yet acknowledged.</param>
/// <param name="Consumers">Registered consumers, including those that hang.</param>
internal readonly record struct QueueState(uint ReadyMessages, uint Consumers);
