namespace RpcGen.Transport.InMemory;

/// <summary>A message as the broker keeps it: what was published, with body and headers of its own.</summary>
internal sealed class InMemoryMessage
{
    private readonly OutgoingMessage _content;

    /// <param name="message">What is published.</param>
    /// <param name="replyAddress">What stands for <see cref="DirectReplyTo.PseudoQueue"/>; null where there is none.</param>
    public InMemoryMessage(in OutgoingMessage message, string? replyAddress) => _content = message with
    {
        RoutingKey = WireForm.Short(message.RoutingKey)!,
        ContentType = WireForm.Short(message.ContentType),
        Type = WireForm.Short(message.Type),
        CorrelationId = message.CorrelationId.Text is { } text ? new CorrelationId(WireForm.Short(text)) : message.CorrelationId,
        ReplyTo = message.ReplyTo == DirectReplyTo.PseudoQueue ? replyAddress ?? message.ReplyTo : WireForm.Short(message.ReplyTo),
        UserId = WireForm.Short(message.UserId),
        Body = message.Body.ToArray(),
        Headers = WireForm.Sent(message.Headers),
    };

    public ref readonly OutgoingMessage Content => ref _content;

    /// <summary>When it is too late to deliver it, on the broker's clock.</summary>
    public long ExpiresAt { get; set; } = long.MaxValue;

    /// <summary>The same for a queue of dead letters.</summary>
    public InMemoryMessage WithoutExpiration() => new(_content with { Expiration = 0 }, replyAddress: null);

    /// <summary>What a consumer sees, with <paramref name="body"/> lent to it.</summary>
    public IncomingMessage ToIncoming(ulong deliveryTag, bool isRedelivered, ReadOnlyMemory<byte> body) => new()
    {
        DeliveryTag = deliveryTag,
        IsRedelivered = isRedelivered,
        ContentType = _content.ContentType,
        Type = _content.Type,
        CorrelationId = _content.CorrelationId.ToString(),
        ReplyTo = _content.ReplyTo,
        Priority = _content.Priority,
        Expiration = _content.Expiration == 0 ? null : _content.Expiration.ToString(System.Globalization.CultureInfo.InvariantCulture),
        Timestamp = _content.Timestamp,
        UserId = _content.UserId,
        Headers = WireForm.Received(_content.Headers),
        Body = body,
    };
}

/// <summary>A message at its place in a queue, to which it returns when it is given back.</summary>
internal readonly record struct QueuedMessage(InMemoryMessage Message, long Position, bool IsRedelivered);
