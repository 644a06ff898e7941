using System.Globalization;

namespace RpcGen.Transport;

/// <summary>
/// A <c>correlation_id</c>: our own, a number that travels as 16 hexadecimal digits and costs no string, or a peer's text
/// that is echoed.
/// </summary>
internal readonly struct CorrelationId
{
    /// <summary>The length of a number's text.</summary>
    public const int NumberLength = 16;

    public CorrelationId(ulong number) => Number = number;

    public CorrelationId(string? text) => Text = text;

    /// <summary>The number; 0 where there is <see cref="Text"/> or nothing.</summary>
    public ulong Number { get; }

    /// <summary>A peer's text.</summary>
    public string? Text { get; }

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => Number == 0 && Text is null;

    /// <summary>Reads a number as it travels; false for any other text.</summary>
    public static bool TryParseNumber(string? text, out ulong number)
    {
        number = 0;
        return text is { Length: NumberLength } && ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>Reads a number exactly as it travels, in ASCII; false for any other text.</summary>
    public static bool TryParseNumber(ReadOnlySpan<byte> ascii, out ulong number)
    {
        number = 0;
        return ascii.Length == NumberLength && !ascii.ContainsAnyInRange((byte)'A', (byte)'F') && ulong.TryParse(ascii, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number) && number != 0;
    }

    /// <summary>Whether this is the id that travels as <paramref name="text"/>.</summary>
    public bool Is(string text) => Number == 0 ? Text == text : TryParseNumber(text, out ulong number) && number == Number;

    /// <summary>Writes a number as it travels, in ASCII.</summary>
    public static void WriteNumber(ulong number, Span<byte> ascii) => number.TryFormat(ascii, out _, "x16", CultureInfo.InvariantCulture);

    public override string? ToString() => Number == 0 ? Text : Number.ToString("x16", CultureInfo.InvariantCulture);
}
