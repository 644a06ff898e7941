using System.Buffers.Binary;
using System.Diagnostics;
using System.Numerics;

namespace RpcGen.Transport.RabbitMq;

/// <summary>
/// The payload of a content header frame: class id, weight and body size in 12 octets, then a message's property list (two
/// octets of flags, then the properties whose flags are set). This class changes in place what the client library cannot
/// decode. A changed list has the length that it had before, and its headers contain an entry named <see cref="FieldTable.BlankName"/>.
/// </summary>
internal static class ContentHeader
{
    /// <summary>
    /// How many octets <see cref="BlankHeaders"/> needs: the fixed part, the flags, the two short strings that can precede the
    /// headers, the length of the headers, and the start of their entries.
    /// </summary>
    public const int RequiredToBlank = FixedLength + FlagsLength + (2 * 256) + TableLengthLength + 6;

    private const int FixedLength = 12;
    private const int BodySizeAt = 4;
    private const int FlagsLength = 2;
    private const int TableLengthLength = 4;
    private const ushort HeadersFlag = 0x2000;

    // Properties by the position of their flags, counted from the highest bit. All others are short strings.
    private const int HeadersProperty = 2;
    private const int DeliveryModeProperty = 3;
    private const int PriorityProperty = 4;
    private const int TimestampProperty = 9;
    private const uint PropertyFlags = 0xFFFC_0000;

    /// <summary>Checks a whole payload and changes it if the library cannot decode its properties.</summary>
    public static void MakeReadable(Span<byte> payload)
    {
        if (!HasProperties(payload.Length))
        {
            return;
        }

        Span<byte> list = payload[FixedLength..];
        if (!TryMeasure(list, out int headersAt, out int headersLength))
        {
            ReplaceList(list, list.Length);
            return;
        }

        Span<byte> headers = list.Slice(headersAt, headersLength);
        if (!FieldTable.IsReadable(headers))
        {
            BlankTable(list, list.Length, headersAt, headersLength);
        }
    }

    /// <summary>Blanks the headers of a payload, good or bad. This needs only the start of a long payload.</summary>
    /// <param name="start">The payload, or at least <see cref="RequiredToBlank"/> octets of it.</param>
    /// <param name="length">The payload's length.</param>
    public static void BlankHeaders(Span<byte> start, int length)
    {
        int listLength = length - FixedLength;
        Span<byte> list = start[FixedLength..];
        if (TryFindHeaders(list, listLength, out int headersAt, out int headersLength))
        {
            BlankTable(list, listLength, headersAt, headersLength);
        }
        else
        {
            ReplaceList(list, listLength);
        }
    }

    /// <summary>
    /// Makes a message one without body if its body is larger than a limit, and blanks its headers. A list that is too short
    /// for blank headers stays as it is.
    /// </summary>
    /// <param name="limit">The largest body that is accepted, in bytes.</param>
    /// <param name="start">The payload, or at least <see cref="RequiredToBlank"/> octets of it.</param>
    /// <param name="length">The payload's length.</param>
    /// <param name="bodySize">The body's size before.</param>
    public static bool TryRemoveBodyAbove(int limit, Span<byte> start, int length, out ulong bodySize)
    {
        bodySize = 0;
        if (length < FixedLength)
        {
            return false; // the library refuses it
        }

        Span<byte> size = start.Slice(BodySizeAt, sizeof(ulong));
        bodySize = BinaryPrimitives.ReadUInt64BigEndian(size);
        if (bodySize <= (uint)limit)
        {
            return false;
        }

        size.Clear();
        if (HasProperties(length))
        {
            BlankHeaders(start, length);
        }

        return true;
    }

    /// <summary>The library ignores a shorter list and its flags.</summary>
    private static bool HasProperties(int payloadLength) => payloadLength > FixedLength + FlagsLength;

    /// <summary>Finds the headers in a property list; fails if a property ends outside the list.</summary>
    /// <param name="list">The whole list.</param>
    /// <param name="headersAt">Where the entries of the headers start.</param>
    /// <param name="headersLength">The length of the entries; 0 without headers.</param>
    private static bool TryMeasure(ReadOnlySpan<byte> list, out int headersAt, out int headersLength)
    {
        headersAt = headersLength = 0;
        int at = FlagsLength;
        uint flags = ((uint)BinaryPrimitives.ReadUInt16BigEndian(list) << 16) & PropertyFlags;
        while (flags != 0)
        {
            if (at >= list.Length)
            {
                return false;
            }

            int property = BitOperations.LeadingZeroCount(flags);
            flags &= ~Flag(property);
            switch (property)
            {
                case HeadersProperty:
                    headersAt = at + TableLengthLength;
                    if (headersAt > list.Length)
                    {
                        return false;
                    }

                    uint length = BinaryPrimitives.ReadUInt32BigEndian(list[at..]);
                    if (length > (uint)(list.Length - headersAt))
                    {
                        return false;
                    }

                    headersLength = (int)length;
                    at = headersAt + headersLength;
                    break;
                case DeliveryModeProperty or PriorityProperty:
                    at++;
                    break;
                case TimestampProperty:
                    at += 8;
                    break;
                default:
                    at += 1 + list[at];
                    break;
            }
        }

        return at <= list.Length;
    }

    /// <summary>Finds the headers without a look at the other properties, of which only two can precede them.</summary>
    private static bool TryFindHeaders(ReadOnlySpan<byte> list, int listLength, out int headersAt, out int headersLength)
    {
        headersAt = FlagsLength;
        headersLength = 0;
        uint flags = (uint)BinaryPrimitives.ReadUInt16BigEndian(list) << 16;
        for (int property = 0; property < HeadersProperty; property++)
        {
            if (HasFlag(flags, property))
            {
                headersAt += headersAt < list.Length ? 1 + list[headersAt] : 0;
            }
        }

        headersAt += TableLengthLength;
        if (!HasFlag(flags, HeadersProperty) || headersAt > list.Length)
        {
            return false;
        }

        Debug.Assert(list.Length <= listLength, "The list does not contain octets of other frames.");

        uint length = BinaryPrimitives.ReadUInt32BigEndian(list[(headersAt - TableLengthLength)..]);
        headersLength = (int)length;
        return length <= (uint)(listLength - headersAt);
    }

    private static void BlankTable(Span<byte> list, int listLength, int headersAt, int headersLength)
    {
        if (headersLength >= FieldTable.MinBlankLength)
        {
            FieldTable.Blank(list[headersAt..], headersLength);
        }
        else
        {
            ReplaceList(list, listLength);
        }
    }

    /// <summary>
    /// Replaces all properties by blank headers. A list that is too short for them stays as it is: the library throws and the
    /// connection closes. RabbitMQ never sends such a list, because it decodes the properties of each published message.
    /// </summary>
    private static void ReplaceList(Span<byte> list, int listLength)
    {
        const int headersAt = FlagsLength + TableLengthLength;
        int headersLength = listLength - headersAt;
        if (headersLength >= FieldTable.MinBlankLength)
        {
            BinaryPrimitives.WriteUInt16BigEndian(list, HeadersFlag);
            BinaryPrimitives.WriteInt32BigEndian(list[FlagsLength..], headersLength);
            FieldTable.Blank(list[headersAt..], headersLength);
        }
    }

    private static bool HasFlag(uint flags, int property) => (flags & Flag(property)) != 0;

    private static uint Flag(int property) => 0x8000_0000 >> property;
}
