namespace RpcGen.Transport;

/// <summary>A message to publish: the AMQP basic properties that RpcGen sends.</summary>
internal readonly struct OutgoingMessage
{
    /// <summary>The exchange; empty for the default exchange.</summary>
    public required string Exchange { get; init; }

    /// <summary>The routing key; on the default exchange, the queue's name.</summary>
    public required string RoutingKey { get; init; }

    /// <summary>Whether the broker returns the message if it cannot be routed.</summary>
    public bool IsMandatory { get; init; }

    /// <summary>Whether the message survives a restart of the broker in a durable queue (<c>delivery_mode</c> 2, else 1).</summary>
    public bool IsPersistent { get; init; }

    /// <summary><c>priority</c>; 0 is not sent; queues treat a missing priority as 0.</summary>
    public byte Priority { get; init; }

    /// <summary><c>content_type</c>; null for a message without a body.</summary>
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

    /// <summary><c>message_id</c>; null for none.</summary>
    public long? MessageId { get; init; }

    /// <summary><c>user_id</c>; null for none. The broker closes the channel if it is not the connection's user.</summary>
    public string? UserId { get; init; }

    /// <summary>Headers; null for none, which costs much less than an empty dictionary.</summary>
    public IReadOnlyDictionary<string, object?>? Headers { get; init; }

    /// <summary>The same message without the headers that a receiver can do without: trace state and baggage.</summary>
    public OutgoingMessage WithoutOptionalHeaders() => this with
    {
        Headers = Headers?.Where(header => header.Key is not (ReservedHeaders.TraceState or ReservedHeaders.Baggage)).ToDictionary(StringComparer.Ordinal),
    };

    /// <summary>The body. It must not change until the publish has completed.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }
}
