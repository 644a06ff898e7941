using System.Buffers.Binary;
using System.Text;
using RabbitMQ.Client;

namespace RpcGen.EndToEnd.Tests.Transports;

/// <summary>Properties as raw bytes that no client library would send.</summary>
internal sealed class RawProperties(byte[] bytes) : IReadOnlyBasicProperties, IAmqpHeader
{
    /// <summary>The entries of a table with a decimal of scale 30. AMQP and brokers allow it; the largest scale of .NET's decimal is 28.</summary>
    public static byte[] DecimalOfScale30 { get; } = [1, (byte)'d', (byte)'D', 30, 0, 0, 0, 1];

    /// <summary>The entries of a table that overflows the stack of a recursive decoder.</summary>
    public static byte[] DeeplyNested { get; } = Nest(26_000);

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

    /// <summary>A request for the method Do, or another type.</summary>
    /// <param name="entries">The entries of its headers.</param>
    /// <param name="correlationId">Its correlation id.</param>
    /// <param name="replyTo">Where the reply goes; empty for none.</param>
    /// <param name="type">Its type.</param>
    public static RawProperties Message(byte[] entries, string correlationId, string replyTo, string type = "Do") => new(
    [
        (byte)(replyTo == "" ? 0x24 : 0x26), (byte)(type == "" ? 0 : 0x20),
        .. Length(entries.Length), .. entries, .. ShortString(correlationId), .. replyTo == "" ? [] : ShortString(replyTo), .. type == "" ? [] : ShortString(type),
    ]);

    /// <summary>The entries of a table that contains arrays in arrays.</summary>
    private static byte[] Nest(int levels)
    {
        byte[] value = new byte[(5 * levels) + 1];
        for (int at = 0; at < value.Length - 1; at += 5)
        {
            value[at] = (byte)'A';
            BinaryPrimitives.WriteInt32BigEndian(value.AsSpan(at + 1), value.Length - at - 5);
        }

        value[^1] = (byte)'V';
        return [4, .. "deep"u8, .. value];
    }

    private static byte[] ShortString(string text) => [(byte)text.Length, .. Encoding.ASCII.GetBytes(text)];

    private static byte[] Length(int length)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, length);
        return bytes;
    }

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
