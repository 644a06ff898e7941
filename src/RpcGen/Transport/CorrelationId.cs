using System.Diagnostics;
using System.Globalization;

namespace RpcGen.Transport;

/// <summary>
/// A <c>correlation_id</c>. RpcGen's own is a non-zero number, sent as 16 hexadecimal digits without allocating a string. A
/// peer's is a text, echoed as it is.
/// </summary>
internal readonly struct CorrelationId
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

    /// <summary>Whether <paramref name="text"/> is this id as received.</summary>
    public bool Is(string text) => Number == 0 ? Text == text : TryParseNumber(text, out ulong number) && number == Number;

    /// <summary>Writes a number's 16 digits, in ASCII.</summary>
    public static void WriteNumber(ulong number, Span<byte> ascii)
    {
        bool isWritten = number.TryFormat(ascii, out int length, "x16", CultureInfo.InvariantCulture);
        Debug.Assert(isWritten && length == NumberLength, "The span must hold 16 bytes.");
    }

    public override string? ToString() => Number == 0 ? Text : Number.ToString("x16", CultureInfo.InvariantCulture);
}
