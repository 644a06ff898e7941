using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;

namespace RpcGen.Transport;

/// <summary>
/// A <c>correlation_id</c>. RpcGen's own is a non-zero number, sent as 16 hexadecimal digits without allocating a string. A
/// peer's is a text, echoed as it is.
/// </summary>
internal readonly struct CorrelationId : IEquatable<CorrelationId>
{
    /// <summary>The length of a number on the wire, in characters.</summary>
    public const int NumberLength = 16;

    public CorrelationId(ulong number) => Number = number;

    public CorrelationId(string? text) => Text = text;

    /// <summary>The number; 0 if this is a text or empty.</summary>
    public ulong Number { get; }

    /// <summary>A peer's text; null if this is a number or empty.</summary>
    public string? Text { get; }

    /// <summary>Whether this is neither a number nor a text.</summary>
    public bool IsEmpty => Number == 0 && Text is null;

    /// <summary>Reads a number from its 16 digits. Returns false for any other text.</summary>
    public static bool TryParseNumber(string? text, out ulong number)
    {
        number = 0;
        return text is { Length: NumberLength } && ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>Reads a number from exactly the ASCII digits that <see cref="WriteNumber"/> writes. Returns false for any other text.</summary>
    public static bool TryParseNumber(ReadOnlySpan<byte> ascii, out ulong number)
    {
        number = 0;
        return ascii.Length == NumberLength
            && !ascii.ContainsAnyInRange((byte)'A', (byte)'F')
            && ulong.TryParse(ascii, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number)
            && number != 0;
    }

    public static bool operator ==(CorrelationId left, CorrelationId right) => left.Equals(right);

    public static bool operator !=(CorrelationId left, CorrelationId right) => !left.Equals(right);

    /// <summary>The same id in its one form for comparisons: a text of 16 hexadecimal digits becomes a number.</summary>
    public CorrelationId Normalize() => TryParseNumber(Text, out ulong number) && number != 0 ? new CorrelationId(number) : this;

    /// <summary>Whether both are the same number or the same text. Ids that were received are compared normalized.</summary>
    public bool Equals(CorrelationId other) => Number == other.Number && Text == other.Text;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is CorrelationId other && Equals(other);

    /// <summary>A hash that peers cannot predict: they choose the ids. (The hash of a long would be the same for many.)</summary>
    public override int GetHashCode() => HashCode.Combine((uint)Number, (uint)(Number >> 32), Text);

    /// <summary>Writes a number's 16 digits, in ASCII.</summary>
    public static void WriteNumber(ulong number, Span<byte> ascii)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, number);
        bool isWritten = Convert.TryToHexStringLower(bytes, ascii, out int length); // several times faster than TryFormat
        Debug.Assert(isWritten && length == NumberLength, "The span must hold 16 bytes.");
    }

    public override string? ToString() => Number == 0 ? Text : Number.ToString("x16", CultureInfo.InvariantCulture);
}
