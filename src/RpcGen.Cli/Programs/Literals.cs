using System.Globalization;
using System.Text;

namespace RpcGen.Cli.Programs;

/// <summary>Writes text as a literal in ASCII, so that nothing in it ends the literal or hides what it says.</summary>
internal static class Literals
{
    /// <summary>A literal of C# and JavaScript: code points beyond ASCII as UTF-16 units.</summary>
    public static string Of(string text) => Write(text, static rune => string.Concat(rune.ToString().Select(unit => $"\\u{(int)unit:x4}")));

    /// <summary>A literal of Python: code points beyond ASCII as a whole, because Python has no UTF-16 units.</summary>
    public static string OfPython(string text) => Write(text, static rune => $"\\U{rune.Value:x8}");

    /// <summary>JSON in single quotes, for Python and JavaScript.</summary>
    public static string OfJson(string json) => $"'{json.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\u0027", StringComparison.Ordinal)}'";

    /// <summary>A number, as all languages write it.</summary>
    public static string Of(double number) => number.ToString("0.###", CultureInfo.InvariantCulture);

    private static string Write(string text, Func<Rune, string> escape)
    {
        var literal = new StringBuilder("\"");
        foreach (Rune rune in text.EnumerateRunes())
        {
            literal.Append(rune.Value switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                >= ' ' and <= '~' => rune.ToString(),
                _ => escape(rune),
            });
        }

        return literal.Append('"').ToString();
    }
}
