using System.Globalization;
using System.Text;
using Microsoft.CodeAnalysis.CSharp;

namespace RpcGen.Generators.Emitting;

/// <summary>Identifiers and literals as C# writes them, the same under every culture.</summary>
internal static class CSharpText
{
    /// <summary>A name with <c>@</c> where it is a keyword anywhere.</summary>
    public static string Identifier(string name) =>
        SyntaxFacts.GetKeywordKind(name) != SyntaxKind.None || SyntaxFacts.GetContextualKeywordKind(name) != SyntaxKind.None
            ? "@" + name
            : name;

    public static string Pascal(string name) => char.ToUpperInvariant(name[0]) + name.Substring(1);

    public static string Camel(string name) => char.ToLowerInvariant(name[0]) + name.Substring(1);

    /// <summary>Any text as a part of an identifier: <c>not-found</c> becomes <c>NotFound</c>.</summary>
    public static string PascalIdentifier(string text)
    {
        var name = new StringBuilder(text.Length);
        bool upper = true;
        foreach (char c in text)
        {
            if (!SyntaxFacts.IsIdentifierPartCharacter(c))
            {
                upper = true;
                continue;
            }

            name.Append(upper ? char.ToUpperInvariant(c) : c);
            upper = false;
        }

        return name.ToString();
    }

    /// <summary>Text within a documentation comment.</summary>
    public static string XmlText(string text) =>
        "<c>" + text.Replace("&", "&amp;").Replace("<", "&lt;").Replace("\n", " ").Replace("\r", " ") + "</c>";

    public static string Literal(string value) => SymbolDisplay.FormatLiteral(value, quote: true);

    public static string Literal(bool value) => value ? "true" : "false";

    /// <summary>A constant; an expression that has its value and, where literals can, its type.</summary>
    public static string Literal(object value) => value switch
    {
        string s => Literal(s),
        bool b => Literal(b),
        char c => SymbolDisplay.FormatLiteral(c, quote: true),
        float f => Special(f, "float") ?? RoundTrip(f, "R", "G9") + "F",
        double d => Special(d, "double") ?? RoundTrip(d, "R", "G17") + "D",
        decimal m => m.ToString(CultureInfo.InvariantCulture) + "M",
        uint u => u.ToString(CultureInfo.InvariantCulture) + "U",
        long l => l.ToString(CultureInfo.InvariantCulture) + "L",
        ulong u => u.ToString(CultureInfo.InvariantCulture) + "UL",
        IFormattable f => f.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new ArgumentException($"{value.GetType()} has no literals.", nameof(value)),
    };

    private static string? Special(double value, string type) =>
        double.IsNaN(value) ? type + ".NaN"
        : double.IsPositiveInfinity(value) ? type + ".PositiveInfinity"
        : double.IsNegativeInfinity(value) ? type + ".NegativeInfinity"
        : value == 0 && BitConverter.DoubleToInt64Bits(value) != 0 ? (type == "float" ? "-0F" : "-0D")
        : null;

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
