using RabbitMQ.Client;

namespace RpcGen.Transport.RabbitMq;

/// <content>
/// The same properties as objects. The client library asks for these only where somebody listens to its own ActivitySource:
/// it copies them then, and adds its headers to the dictionary it gets.
/// </content>
internal readonly partial struct OutgoingProperties
{
    public string? AppId => null;

    public string? ClusterId => null;

    public string? ContentEncoding => null;

    public string? ContentType => _contentType;

    public string? CorrelationId => _correlationId.ToString();

    public DeliveryModes DeliveryMode => _isPersistent ? DeliveryModes.Persistent : DeliveryModes.Transient;

    public string? Expiration => Digits(_expiration);

    public IDictionary<string, object?>? Headers => _headers is null ? null : new Dictionary<string, object?>(_headers);

    public string? MessageId => null;

    public bool Persistent => _isPersistent;

    public byte Priority => _priority;

    public string? ReplyTo => _replyTo;

    public PublicationAddress? ReplyToAddress => PublicationAddress.TryParse(_replyTo, out PublicationAddress? address) ? address : null;

    public AmqpTimestamp Timestamp => new(_timestamp);

    public string? Type => _type;

    public string? UserId => _userId;

    public bool IsAppIdPresent() => false;

    public bool IsClusterIdPresent() => false;

    public bool IsContentEncodingPresent() => false;

    public bool IsContentTypePresent() => _contentType is not null;

    public bool IsCorrelationIdPresent() => !_correlationId.IsEmpty;

    public bool IsDeliveryModePresent() => true;

    public bool IsExpirationPresent() => _expiration != 0;

    public bool IsHeadersPresent() => _headers is not null;

    public bool IsMessageIdPresent() => false;

    public bool IsPriorityPresent() => _priority != 0;

    public bool IsReplyToPresent() => _replyTo is not null;

    public bool IsTimestampPresent() => _timestamp != 0;

    public bool IsTypePresent() => _type is not null;

    public bool IsUserIdPresent() => _userId is not null;
}
