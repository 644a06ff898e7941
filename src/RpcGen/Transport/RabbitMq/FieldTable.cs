using System.Buffers.Binary;

namespace RpcGen.Transport.RabbitMq;

/// <summary>
/// AMQP 0-9-1 field tables as bytes: a sequence of entries, each a short string (the name), a type octet and a value. This
/// class tells which tables the client library can decode. It checks without allocating and never reads outside the table.
/// </summary>
internal static class FieldTable
{
    /// <summary>The deepest nesting of tables and arrays that is accepted. The outermost table is level 1.</summary>
    public const int MaxDepth = 16;

    /// <summary>The shortest table that <see cref="Blank"/> can write.</summary>
    public const int MinBlankLength = 2;

    /// <summary>The name of the only entry of a blanked table. AMQP requires names to start with a letter, '$' or '#'.</summary>
    public const string BlankName = "";

    /// <summary>The largest scale of <see cref="decimal"/>. AMQP allows up to 255.</summary>
    private const int MaxDecimalScale = 28;

    /// <summary>
    /// Whether the client library decodes a table without an exception and without deep recursion: all types are known, each
    /// value ends within its table, decimals are in range, and the nesting is at most <see cref="MaxDepth"/> levels deep.
    /// </summary>
    /// <param name="entries">The table without its length.</param>
    public static bool IsReadable(ReadOnlySpan<byte> entries) => AreEntriesReadable(entries, depth: 1);

    /// <summary>
    /// Overwrites a table with one of the same length: its only entry is named <see cref="BlankName"/> and covers all bytes.
    /// </summary>
    /// <param name="entries">The table without its length, or its first octets if it is longer than what has been received.</param>
    /// <param name="length">The table's length, at least <see cref="MinBlankLength"/>.</param>
    public static void Blank(Span<byte> entries, int length)
    {
        const int lengthOfLongValue = 4;
        const int shortestLongEntry = 2 + lengthOfLongValue;
        entries[0] = 0; // an empty name
        switch (length)
        {
            case 2:
                entries[1] = (byte)'V';
                break;
            case 3:
                entries[1] = (byte)'t';
                break;
            case 4:
                entries[1] = (byte)'s';
                break;
            case 5: // two entries of the same name: the library keeps the last one
                entries[1] = (byte)'V';
                entries[2] = 0;
                entries[3] = (byte)'t';
                break;
            default:
                entries[1] = (byte)'x';
                BinaryPrimitives.WriteInt32BigEndian(entries[2..], length - shortestLongEntry);
                break;
        }
    }

    private static bool AreEntriesReadable(ReadOnlySpan<byte> entries, int depth)
    {
        while (!entries.IsEmpty)
        {
            int nameLength = 1 + entries[0];
            if (nameLength >= entries.Length || !TryMeasureValue(entries[nameLength..], depth, out int valueLength))
            {
                return false;
            }

            entries = entries[(nameLength + valueLength)..];
        }

        return true;
    }

    private static bool AreItemsReadable(ReadOnlySpan<byte> items, int depth)
    {
        while (!items.IsEmpty)
        {
            if (!TryMeasureValue(items, depth, out int length))
            {
                return false;
            }

            items = items[length..];
        }

        return true;
    }

    /// <summary>Measures a value at the start of a table's or array's rest; fails if the value is unreadable or ends outside.</summary>
    private static bool TryMeasureValue(ReadOnlySpan<byte> rest, int depth, out int length)
    {
        switch (rest[0])
        {
            case (byte)'S' or (byte)'x':
                return TryMeasureLongValue(rest, out length);
            case (byte)'F':
                return TryMeasureLongValue(rest, out length) && depth < MaxDepth && AreEntriesReadable(rest[5..length], depth + 1);
            case (byte)'A':
                return TryMeasureLongValue(rest, out length) && depth < MaxDepth && AreItemsReadable(rest[5..length], depth + 1);
            case (byte)'D':
                length = 6;
                return length <= rest.Length && rest[1] <= MaxDecimalScale;
            case (byte)'V':
                length = 1;
                return true;
            case (byte)'t' or (byte)'b' or (byte)'B':
                length = 2;
                return length <= rest.Length;
            case (byte)'s' or (byte)'u':
                length = 3;
                return length <= rest.Length;
            case (byte)'I' or (byte)'i' or (byte)'f':
                length = 5;
                return length <= rest.Length;
            case (byte)'l' or (byte)'d' or (byte)'T':
                length = 9;
                return length <= rest.Length;
            default:
                length = 0;
                return false;
        }
    }

    /// <summary>Measures a value of a type octet, a 32-bit length and as many octets.</summary>
    private static bool TryMeasureLongValue(ReadOnlySpan<byte> rest, out int length)
    {
        const int prefix = 5;
        length = 0;
        if (rest.Length < prefix)
        {
            return false;
        }

        uint octets = BinaryPrimitives.ReadUInt32BigEndian(rest[1..]);
        if (octets > (uint)(rest.Length - prefix))
        {
            return false;
        }

        length = prefix + (int)octets;
        return true;
    }
}
