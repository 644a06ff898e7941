namespace RpcGen.Transport.InMemory;

/// <summary>What an operator sets on a queue from outside, as with RabbitMQ's policies.</summary>
/// <param name="MaxLength">The maximum of ready messages; the queue refuses further ones (<c>reject-publish</c>). Null for no limit.</param>
/// <param name="DeadLetterQueue">Where rejected messages go. Expired messages are dropped, unlike in RabbitMQ.</param>
internal sealed record InMemoryPolicy(int? MaxLength = null, string? DeadLetterQueue = null);
