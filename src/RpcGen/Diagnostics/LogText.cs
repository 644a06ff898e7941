using System.Buffers;
using System.Globalization;
using System.Text;

namespace RpcGen.Diagnostics;

/// <summary>Makes text of peers safe for logs: it cannot end a line, colour a terminal or reorder what is read.</summary>
internal static class LogText
{
    /// <summary>C0 and C1 controls, line separators, and the controls of bidirectional text (Unicode UAX #9).</summary>
    private static readonly SearchValues<char> Unsafe = SearchValues.Create(
        [.. Enumerable.Range(0, char.MaxValue + 1).Select(code => (char)code).Where(IsUnsafe)]);

    /// <summary>Replaces each unsafe character by <c>\u</c> and four hexadecimal digits. Other text is returned as it is.</summary>
    public static string Escape(string text)
    {
        int at = text.AsSpan().IndexOfAny(Unsafe);
        if (at < 0)
        {
            return text;
        }

        var escaped = new StringBuilder(text, 0, at, text.Length + 16);
        foreach (char character in text.AsSpan(at))
        {
            if (Unsafe.Contains(character))
            {
                escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
            }
            else
            {
                escaped.Append(character);
            }
        }

        return escaped.ToString();
    }

    private static bool IsUnsafe(char character) =>
        char.IsControl(character) || character is '\u061c' or '\u200e' or '\u200f' or (>= '\u2028' and <= '\u202e') or (>= '\u2066' and <= '\u2069');
}
