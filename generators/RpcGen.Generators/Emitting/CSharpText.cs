using System.Globalization;
using System.Text;
using System.Xml;
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
            if (!SyntaxFacts.IsIdentifierPartCharacter(c) || CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.Format)
            {
                upper = true;
                continue;
            }

            name.Append(upper ? char.ToUpperInvariant(c) : c);
            upper = false;
        }

        return name.Length > 0 && SyntaxFacts.IsIdentifierStartCharacter(name[0]) ? name.ToString() : "_" + name;
    }

    /// <summary>Text within a documentation comment; blanks stand for what XML does not take or what would end the line.</summary>
    public static string XmlText(string text)
    {
        var xml = new StringBuilder("<c>", text.Length + 7);
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogatePair(text, i))
            {
                xml.Append(text, i++, 2);
                continue;
            }

            _ = text[i] switch
            {
                '&' => xml.Append("&amp;"),
                '<' => xml.Append("&lt;"),
                '>' => xml.Append("&gt;"),
                '\u2028' or '\u2029' => xml.Append(' '),
                var c when char.IsControl(c) || !XmlConvert.IsXmlChar(c) => xml.Append(' '),
                var c => xml.Append(c),
            };
        }

        return xml.Append("</c>").ToString();
    }

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
