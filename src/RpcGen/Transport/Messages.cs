namespace RpcGen.Transport;

/// <summary>The AMQP basic properties that RpcGen sends, less those that never vary.</summary>
internal readonly struct OutgoingMessage
{
    /// <summary>The exchange; empty for the default exchange.</summary>
    public required string Exchange { get; init; }

    /// <summary>The routing key; the queue's name on the default exchange.</summary>
    public required string RoutingKey { get; init; }

    /// <summary>Whether an unroutable message comes back.</summary>
    public bool IsMandatory { get; init; }

    /// <summary>Whether the message survives a broker's restart in a durable queue (<c>delivery_mode</c> 2, else 1).</summary>
    public bool IsPersistent { get; init; }

    /// <summary><c>priority</c>; 0 for none, which is the same to every queue.</summary>
    public byte Priority { get; init; }

    /// <summary><c>content_type</c>; null for a message without body.</summary>
    public string? ContentType { get; init; }

    /// <summary><c>type</c>.</summary>
    public string? Type { get; init; }

    /// <summary><c>correlation_id</c>.</summary>
    public CorrelationId CorrelationId { get; init; }

    /// <summary><c>reply_to</c>.</summary>
    public string? ReplyTo { get; init; }

    /// <summary><c>expiration</c> in milliseconds; 0 for none.</summary>
    public long Expiration { get; init; }

    /// <summary><c>timestamp</c> in seconds since 1970-01-01; 0 for none.</summary>
    public long Timestamp { get; init; }

    /// <summary><c>user_id</c>: the broker closes the channel where it is not the connection's user. Null for none.</summary>
    public string? UserId { get; init; }

    /// <summary>Headers; null for none, which is much cheaper than empty.</summary>
    public IReadOnlyDictionary<string, object?>? Headers { get; init; }

    /// <summary>The body, to be left alone until the publish has completed.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }
}

/// <summary>A message as delivered. Its strings are as sent by whoever sent them: not to be trusted.</summary>
internal readonly struct IncomingMessage
{
    /// <summary>What to acknowledge it by, within its channel.</summary>
    public ulong DeliveryTag { get; init; }

    /// <summary>Whether the broker may have delivered it before.</summary>
    public bool IsRedelivered { get; init; }

    /// <summary><c>content_type</c>.</summary>
    public string? ContentType { get; init; }

    /// <summary><c>content_encoding</c>.</summary>
    public string? ContentEncoding { get; init; }

    /// <summary><c>type</c>.</summary>
    public string? Type { get; init; }

    /// <summary><c>correlation_id</c>.</summary>
    public string? CorrelationId { get; init; }

    /// <summary><c>reply_to</c>.</summary>
    public string? ReplyTo { get; init; }

    /// <summary><c>priority</c>; 0 for none.</summary>
    public byte Priority { get; init; }

    /// <summary><c>expiration</c>: digits, the broker sees to that.</summary>
    public string? Expiration { get; init; }

    /// <summary><c>timestamp</c> in seconds since 1970-01-01; 0 for none.</summary>
    public long Timestamp { get; init; }

    /// <summary><c>user_id</c>: the sender's user as the broker has verified it; null for none.</summary>
    public string? UserId { get; init; }

    /// <summary>Headers as the client library decodes them; null for none.</summary>
    public IDictionary<string, object?>? Headers { get; init; }

    /// <summary>
    /// Whether the message contains something that the transport cannot read, such as deeply nested headers. Its headers are
    /// missing, and its body and other properties can be missing too: refuse it.
    /// </summary>
    public bool IsUnreadable { get; init; }

    /// <summary>The body, valid until the consumer returns.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }
}

/// <summary>A mandatory message that the broker could not route.</summary>
/// <param name="CorrelationId">The message's <c>correlation_id</c>.</param>
/// <param name="RoutingKey">Where it should have gone.</param>
/// <param name="Reason">The broker's reply text.</param>
internal readonly record struct ReturnedMessage(string? CorrelationId, string RoutingKey, string Reason);

/// <summary>What became of a message whose publisher waits for the broker's word.</summary>
/// <param name="Result">Whether the broker has it.</param>
/// <param name="Reason">The broker's reply text where the message came back; else null.</param>
internal readonly record struct PublishOutcome(PublishResult Result, string? Reason = null);

/// <summary>Whether the broker has taken a message over.</summary>
internal enum PublishResult
{
    /// <summary>It has (<c>basic.ack</c>): in every queue that the message was routed to, on disk where queue and message are durable.</summary>
    Confirmed,

    /// <summary>There is no queue for it (<c>basic.return</c>), and it was mandatory.</summary>
    Returned,

    /// <summary>A queue does not take it (<c>basic.nack</c>), as a full one with <c>x-overflow=reject-publish</c> does.</summary>
    Refused,
}
