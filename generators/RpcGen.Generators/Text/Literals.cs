using System.Globalization;
using Microsoft.CodeAnalysis.CSharp;

namespace RpcGen.Generators.Text;

/// <summary>Writes C# literals, independent of the current culture.</summary>
internal static class Literals
{
    public static string Of(string value) => SymbolDisplay.FormatLiteral(value, quote: true);

    public static string Of(bool value) => value ? "true" : "false";

    /// <summary>An expression with the value of the constant and, where literals allow it, its type.</summary>
    public static string Of(object value) => value switch
    {
        string s => Of(s),
        bool b => Of(b),
        char c => SymbolDisplay.FormatLiteral(c, quote: true),
        float f => Special(f, "float", "F") ?? RoundTrip(f, "R", "G9") + "F",
        double d => Special(d, "double", "D") ?? RoundTrip(d, "R", "G17") + "D",
        decimal m => m.ToString(CultureInfo.InvariantCulture) + "M",
        uint u => u.ToString(CultureInfo.InvariantCulture) + "U",
        long l => l.ToString(CultureInfo.InvariantCulture) + "L",
        ulong u => u.ToString(CultureInfo.InvariantCulture) + "UL",
        IFormattable f => f.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new ArgumentException($"C# has no literals of type '{value.GetType()}'.", nameof(value)),
    };

    /// <summary>Values that number literals cannot express: not a number, infinities, negative zero. Null for all others.</summary>
    private static string? Special(double value, string type, string suffix) =>
        double.IsNaN(value) ? type + ".NaN"
        : double.IsPositiveInfinity(value) ? type + ".PositiveInfinity"
        : double.IsNegativeInfinity(value) ? type + ".NegativeInfinity"
        : value == 0 && BitConverter.DoubleToInt64Bits(value) != 0 ? "-0" + suffix
        : null;

    /// <summary>The shortest text that reads back as the same value. "R" alone fails for some values on .NET Framework.</summary>
    private static string RoundTrip<T>(T value, string shortest, string exact)
        where T : IFormattable
    {
        string text = value.ToString(shortest, CultureInfo.InvariantCulture);
        bool same = value is double d
            ? double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double back) && back == d
            : float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float single) && single.Equals(value);
        return same ? text : value.ToString(exact, CultureInfo.InvariantCulture);
    }
}
