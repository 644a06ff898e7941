namespace RpcGen.Transport.InMemory;

/// <summary>What an operator may set on a queue from outside, as RabbitMQ's policies do.</summary>
/// <param name="MaxLength">How many messages may wait; what comes beyond them is refused (<c>reject-publish</c>).</param>
/// <param name="DeadLetterQueue">Where messages go that a consumer rejects. Those that expire do not: there is no need here.</param>
internal sealed record InMemoryPolicy(int? MaxLength = null, string? DeadLetterQueue = null);
