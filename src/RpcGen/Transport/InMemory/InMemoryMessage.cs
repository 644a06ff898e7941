using System.Globalization;

namespace RpcGen.Transport.InMemory;

/// <summary>A message in the broker, with its own copy of body and headers.</summary>
internal sealed class InMemoryMessage
{
    private readonly OutgoingMessage _content;

    /// <param name="message">The published message.</param>
    /// <param name="replyAddress">Replaces <see cref="DirectReplyTo.PseudoQueue"/>; null if the channel has no direct reply-to.</param>
    public InMemoryMessage(in OutgoingMessage message, string? replyAddress) => _content = message with
    {
        RoutingKey = AmqpConversion.ShortString(message.RoutingKey)!,
        ContentType = AmqpConversion.ShortString(message.ContentType),
        Type = AmqpConversion.ShortString(message.Type),
        CorrelationId = message.CorrelationId.Text is { } text ? new CorrelationId(AmqpConversion.ShortString(text)) : message.CorrelationId,
        ReplyTo = message.ReplyTo == DirectReplyTo.PseudoQueue ? replyAddress ?? message.ReplyTo : AmqpConversion.ShortString(message.ReplyTo),
        UserId = AmqpConversion.ShortString(message.UserId),
        Body = message.Body.ToArray(),
        Headers = AmqpConversion.ToWire(message.Headers),
    };

    private InMemoryMessage(in OutgoingMessage content) => _content = content;

    public ref readonly OutgoingMessage Content => ref _content;

    /// <summary>When the message expires, on the broker's clock; <see cref="long.MaxValue"/> for never.</summary>
    public long ExpiresAt { get; set; } = long.MaxValue;

    /// <summary>The message as the broker publishes it to a dead-letter queue: it no longer expires, and its headers say where it was.</summary>
    public InMemoryMessage DeadLettered(string fromQueue, string toQueue) => new(_content with
    {
        Exchange = "",
        RoutingKey = toQueue,
        Expiration = 0,
        Headers = AmqpConversion.AddDeath(_content.Headers, fromQueue, _content.Exchange),
    });

    /// <summary>The message as delivered, with a body that is valid until the consumer returns.</summary>
    public IncomingMessage ToIncoming(ulong deliveryTag, bool isRedelivered, ReadOnlyMemory<byte> body) => new()
    {
        DeliveryTag = deliveryTag,
        IsRedelivered = isRedelivered,
        Exchange = _content.Exchange,
        RoutingKey = _content.RoutingKey,
        ContentType = _content.ContentType,
        Type = _content.Type,
        CorrelationId = _content.CorrelationId.ToString(),
        MessageId = _content.MessageId?.ToString(CultureInfo.InvariantCulture),
        ReplyTo = _content.ReplyTo,
        Priority = _content.Priority,
        Expiration = _content.Expiration == 0 ? null : _content.Expiration.ToString(CultureInfo.InvariantCulture),
        Timestamp = _content.Timestamp,
        UserId = _content.UserId,
        Headers = AmqpConversion.FromWire(_content.Headers),
        Body = body,
    };
}

/// <summary>A message with its position in the queue, to which it returns if it is requeued.</summary>
internal readonly record struct QueuedMessage(InMemoryMessage Message, long Position, bool IsRedelivered);
