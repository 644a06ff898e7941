using System.Diagnostics;
using System.Globalization;
using RabbitMQ.Client;

namespace RpcGen.Transport.RabbitMq;

/// <summary>
/// The properties of a message, written to the client library's buffer without intermediate objects or strings. The
/// format is that of section 4.2.6.1 of AMQP 0-9-1: two bytes of presence flags, then the properties present, in the order of
/// the flags.
/// </summary>
/// <remarks>
/// The property getters serve only applications that listen to the client library's own ActivitySource: the library copies
/// the properties then, and adds its headers to the dictionary.
/// </remarks>
internal readonly struct OutgoingProperties : IReadOnlyBasicProperties, IAmqpHeader
{
    private const int FlagBytes = 2;

    // The first byte of flags.
    private const byte ContentTypeFlag = 0x80;
    private const byte HeadersFlag = 0x20;
    private const byte DeliveryModeFlag = 0x10;
    private const byte PriorityFlag = 0x08;
    private const byte CorrelationIdFlag = 0x04;
    private const byte ReplyToFlag = 0x02;
    private const byte ExpirationFlag = 0x01;

    // The second byte of flags.
    private const byte MessageIdFlag = 0x80;
    private const byte TimestampFlag = 0x40;
    private const byte TypeFlag = 0x20;
    private const byte UserIdFlag = 0x10;

    private readonly string? _contentType;
    private readonly string? _type;
    private readonly string? _replyTo;
    private readonly CorrelationId _correlationId;
    private readonly long _expiration;
    private readonly long _messageId;
    private readonly long _timestamp;
    private readonly IReadOnlyDictionary<string, object?>? _headers;
    private readonly string? _userId;
    private readonly byte _priority;
    private readonly bool _isPersistent;
    private readonly bool _hasMessageId;

    public OutgoingProperties(in OutgoingMessage message)
    {
        _contentType = message.ContentType;
        _type = message.Type;
        _replyTo = message.ReplyTo;
        _correlationId = message.CorrelationId;
        _expiration = message.Expiration;
        _messageId = message.MessageId.GetValueOrDefault();
        _hasMessageId = message.MessageId.HasValue;
        _timestamp = message.Timestamp;
        _headers = message.Headers;
        _userId = message.UserId;
        _priority = message.Priority;
        _isPersistent = message.IsPersistent;
    }

    ushort IAmqpHeader.ProtocolClassId => AmqpMethod.BasicPublish.ClassId;

    public string? AppId => null;

    public string? ClusterId => null;

    public string? ContentEncoding => null;

    public string? ContentType => _contentType;

    public string? CorrelationId => _correlationId.ToString();

    public DeliveryModes DeliveryMode => _isPersistent ? DeliveryModes.Persistent : DeliveryModes.Transient;

    public string? Expiration => Digits(_expiration);

    public IDictionary<string, object?>? Headers => _headers is null ? null : new Dictionary<string, object?>(_headers);

    public string? MessageId => _hasMessageId ? _messageId.ToString(CultureInfo.InvariantCulture) : null;

    public bool Persistent => _isPersistent;

    public byte Priority => _priority;

    public string? ReplyTo => _replyTo;

    public PublicationAddress? ReplyToAddress => PublicationAddress.TryParse(_replyTo, out PublicationAddress? address) ? address : null;

    public AmqpTimestamp Timestamp => new(_timestamp);

    public string? Type => _type;

    public string? UserId => _userId;

    /// <summary>The exact size. The library sends this many bytes even if fewer are written.</summary>
    public int GetRequiredBufferSize()
    {
        const int deliveryModeSize = 1;
        return FlagBytes + deliveryModeSize
            + (_contentType is null ? 0 : AmqpWriter.ShortStringSize(_contentType))
            + (_headers is null ? 0 : AmqpWriter.TableSize(_headers))
            + (_priority == 0 ? 0 : 1)
            + CorrelationIdSize()
            + (_replyTo is null ? 0 : AmqpWriter.ShortStringSize(_replyTo))
            + (_expiration == 0 ? 0 : AmqpWriter.NumberSize(_expiration))
            + (_hasMessageId ? AmqpWriter.NumberSize(_messageId) : 0)
            + (_timestamp == 0 ? 0 : sizeof(long))
            + (_type is null ? 0 : AmqpWriter.ShortStringSize(_type))
            + (_userId is null ? 0 : AmqpWriter.ShortStringSize(_userId));
    }

    public int WriteTo(Span<byte> span)
    {
        var writer = new AmqpWriter(span[FlagBytes..]);
        byte first = DeliveryModeFlag;
        byte second = 0;
        if (_contentType is not null)
        {
            first |= ContentTypeFlag;
            writer.WriteShortString(_contentType);
        }

        if (_headers is not null)
        {
            first |= HeadersFlag;
            writer.WriteTable(_headers);
        }

        writer.WriteByte((byte)DeliveryMode);
        if (_priority != 0)
        {
            first |= PriorityFlag;
            writer.WriteByte(_priority);
        }

        if (!_correlationId.IsEmpty)
        {
            first |= CorrelationIdFlag;
            WriteCorrelationId(ref writer);
        }

        if (_replyTo is not null)
        {
            first |= ReplyToFlag;
            writer.WriteShortString(_replyTo);
        }

        if (_expiration != 0)
        {
            first |= ExpirationFlag;
            writer.WriteNumber(_expiration);
        }

        if (_hasMessageId)
        {
            second |= MessageIdFlag;
            writer.WriteNumber(_messageId);
        }

        if (_timestamp != 0)
        {
            second |= TimestampFlag;
            writer.WriteInt64(_timestamp);
        }

        if (_type is not null)
        {
            second |= TypeFlag;
            writer.WriteShortString(_type);
        }

        if (_userId is not null)
        {
            second |= UserIdFlag;
            writer.WriteShortString(_userId);
        }

        span[0] = first;
        span[1] = second;
        int written = FlagBytes + writer.Written;
        Debug.Assert(written == GetRequiredBufferSize(), "The library sends GetRequiredBufferSize() bytes.");
        return written;
    }

    public bool IsAppIdPresent() => false;

    public bool IsClusterIdPresent() => false;

    public bool IsContentEncodingPresent() => false;

    public bool IsContentTypePresent() => _contentType is not null;

    public bool IsCorrelationIdPresent() => !_correlationId.IsEmpty;

    public bool IsDeliveryModePresent() => true;

    public bool IsExpirationPresent() => _expiration != 0;

    public bool IsHeadersPresent() => _headers is not null;

    public bool IsMessageIdPresent() => _hasMessageId;

    public bool IsPriorityPresent() => _priority != 0;

    public bool IsReplyToPresent() => _replyTo is not null;

    public bool IsTimestampPresent() => _timestamp != 0;

    public bool IsTypePresent() => _type is not null;

    public bool IsUserIdPresent() => _userId is not null;

    private int CorrelationIdSize() =>
        _correlationId.IsEmpty ? 0
        : _correlationId.Text is { } text ? AmqpWriter.ShortStringSize(text)
        : 1 + Transport.CorrelationId.NumberLength;

    private void WriteCorrelationId(ref AmqpWriter writer)
    {
        if (_correlationId.Text is { } text)
        {
            writer.WriteShortString(text);
        }
        else
        {
            writer.WriteByte(Transport.CorrelationId.NumberLength);
            Transport.CorrelationId.WriteNumber(_correlationId.Number, writer.Take(Transport.CorrelationId.NumberLength));
        }
    }

    private static string? Digits(long number) => number == 0 ? null : number.ToString(CultureInfo.InvariantCulture);
}
