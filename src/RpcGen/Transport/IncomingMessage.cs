namespace RpcGen.Transport;

/// <summary>A message as delivered. Its strings are unverified input, except for <see cref="Exchange"/> and <see cref="UserId"/>.</summary>
internal readonly struct IncomingMessage
{
    /// <summary>Identifies the delivery within its channel, for its acknowledgement.</summary>
    public ulong DeliveryTag { get; init; }

    /// <summary>The exchange that the message was published to last; empty for the default exchange.</summary>
    public string? Exchange { get; init; }

    /// <summary>The routing key that it was published with.</summary>
    public string? RoutingKey { get; init; }

    /// <summary>Whether the broker may have delivered the message before.</summary>
    public bool IsRedelivered { get; init; }

    /// <summary><c>content_type</c>.</summary>
    public string? ContentType { get; init; }

    /// <summary><c>content_encoding</c>.</summary>
    public string? ContentEncoding { get; init; }

    /// <summary><c>type</c>.</summary>
    public string? Type { get; init; }

    /// <summary><c>correlation_id</c>.</summary>
    public string? CorrelationId { get; init; }

    /// <summary><c>message_id</c>.</summary>
    public string? MessageId { get; init; }

    /// <summary><c>reply_to</c>.</summary>
    public string? ReplyTo { get; init; }

    /// <summary><c>priority</c>; 0 for none.</summary>
    public byte Priority { get; init; }

    /// <summary><c>expiration</c> in milliseconds. The broker accepts only digits.</summary>
    public string? Expiration { get; init; }

    /// <summary><c>timestamp</c> in seconds since 1970-01-01; 0 for none.</summary>
    public long Timestamp { get; init; }

    /// <summary><c>user_id</c>: the user that published the message first, verified by the broker; null for none. Another user can have passed it on.</summary>
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
