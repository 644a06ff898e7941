using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using RabbitMQ.Client;

namespace RpcGen.Benchmarks.Peers.Floor;

/// <summary>The properties of a message: pre-encoded parts, with the variable parts between them.</summary>
internal readonly partial struct FloorProperties : IReadOnlyBasicProperties, IAmqpHeader
{
    private const int IdLength = 16;
    private readonly FloorPropertyParts _parts;
    private readonly ulong _number;
    private readonly string? _echoed;

    public FloorProperties(FloorPropertyParts parts, ulong number) => (_parts, _number) = (parts, number);

    public FloorProperties(FloorPropertyParts parts, string echoed) => (_parts, _echoed) = (parts, echoed);

    ushort IAmqpHeader.ProtocolClassId => 60;

    public int GetRequiredBufferSize() =>
        _parts.BeforeId.Length + 1 + (_echoed?.Length ?? IdLength) + _parts.AfterId.Length + (_parts.HasTimestamp ? sizeof(long) : 0) + _parts.AfterTimestamp.Length;

    public int WriteTo(Span<byte> span)
    {
        _parts.BeforeId.CopyTo(span);
        int at = _parts.BeforeId.Length;
        int idLength = _echoed?.Length ?? IdLength;
        span[at++] = (byte)idLength;
        if (_echoed is null)
        {
            _number.TryFormat(span[at..], out _, "x16", CultureInfo.InvariantCulture);
        }
        else
        {
            Encoding.ASCII.GetBytes(_echoed, span[at..]);
        }

        at += idLength;
        _parts.AfterId.CopyTo(span[at..]);
        at += _parts.AfterId.Length;
        if (_parts.HasTimestamp)
        {
            BinaryPrimitives.WriteInt64BigEndian(span[at..], DateTimeOffset.UtcNow.ToUnixTimeSeconds());
            at += sizeof(long);
        }

        _parts.AfterTimestamp.CopyTo(span[at..]);
        return at + _parts.AfterTimestamp.Length;
    }
}
