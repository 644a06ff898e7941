using RabbitMQ.Client;

namespace RpcGen.EndToEnd.Tests.Transports;

/// <summary>Properties as raw bytes that no client library would send.</summary>
internal sealed class RawProperties(byte[] bytes) : IReadOnlyBasicProperties, IAmqpHeader
{
    /// <summary>Headers whose only entry is a decimal of scale 30: AMQP and brokers allow it, .NET's decimal ends at 28.</summary>
    public static RawProperties DecimalOfScale30 { get; } = WithHeaders([1, (byte)'d', (byte)'D', 30, 0, 0, 0, 1]);

    /// <summary>A request for the method Do whose correlation id is 255 bytes of no UTF-8: as text, and echoed, it is three times as long.</summary>
    public static RawProperties UnreadableId { get; } =
        new([0x06, 0x20, 255, .. Enumerable.Repeat((byte)0xFF, 255), 8, .. "rpc.cb.x"u8, 2, .. "Do"u8]);

    public ushort ProtocolClassId => 60;

    public string? AppId => null;

    public string? ClusterId => null;

    public string? ContentEncoding => null;

    public string? ContentType => null;

    public string? CorrelationId => null;

    public DeliveryModes DeliveryMode => default;

    public string? Expiration => null;

    public IDictionary<string, object?>? Headers => null;

    public string? MessageId => null;

    public bool Persistent => false;

    public byte Priority => 0;

    public string? ReplyTo => null;

    public PublicationAddress? ReplyToAddress => null;

    public AmqpTimestamp Timestamp => default;

    public string? Type => null;

    public string? UserId => null;

    public static RawProperties WithHeaders(byte[] table) => new([0x20, 0, 0, 0, (byte)(table.Length >> 8), (byte)table.Length, .. table]);

    public int GetRequiredBufferSize() => bytes.Length;

    public int WriteTo(Span<byte> span)
    {
        bytes.CopyTo(span);
        return bytes.Length;
    }

    public bool IsAppIdPresent() => false;

    public bool IsClusterIdPresent() => false;

    public bool IsContentEncodingPresent() => false;

    public bool IsContentTypePresent() => false;

    public bool IsCorrelationIdPresent() => false;

    public bool IsDeliveryModePresent() => false;

    public bool IsExpirationPresent() => false;

    public bool IsHeadersPresent() => true;

    public bool IsMessageIdPresent() => false;

    public bool IsPriorityPresent() => false;

    public bool IsReplyToPresent() => false;

    public bool IsTimestampPresent() => false;

    public bool IsTypePresent() => false;

    public bool IsUserIdPresent() => false;
}
