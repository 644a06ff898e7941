using System.Text;

namespace RpcGen.Benchmarks.Peers.Floor;

/// <summary>The parts that are the same in all messages of a client or server, encoded once. See AMQP 0-9-1, 4.2.6.1.</summary>
internal sealed class FloorPropertyParts
{
    public FloorPropertyParts(string? contentType, string? replyTo, string? expiration, bool hasTimestamp, string? type)
    {
        const byte deliveryModeAndCorrelationId = 0x10 | 0x04;
        byte first = (byte)(deliveryModeAndCorrelationId | (contentType is null ? 0 : 0x80) | (replyTo is null ? 0 : 0x02) | (expiration is null ? 0 : 0x01));
        byte second = (byte)((hasTimestamp ? 0x40 : 0) | (type is null ? 0 : 0x20));
        BeforeId = [first, second, .. ShortString(contentType), 1];
        AfterId = [.. ShortString(replyTo), .. ShortString(expiration)];
        HasTimestamp = hasTimestamp;
        AfterTimestamp = ShortString(type);
    }

    public byte[] BeforeId { get; }

    public byte[] AfterId { get; }

    public bool HasTimestamp { get; }

    public byte[] AfterTimestamp { get; }

    private static byte[] ShortString(string? text) => text is null ? [] : [(byte)text.Length, .. Encoding.ASCII.GetBytes(text)];
}
