using System.Globalization;
using System.Text;

namespace RpcGen.Cli;

/// <summary>
/// Escapes characters that control a terminal or change the order in which it shows text, as <c>\u001b</c>. Names and texts come from
/// services, which the tool's user need not trust. Line feeds and tabs stay.
/// </summary>
internal sealed class SafeTextWriter(TextWriter inner) : TextWriter(CultureInfo.InvariantCulture)
{
    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value)
    {
        if (IsSafe(value))
        {
            inner.Write(value);
        }
        else
        {
            inner.Write(string.Create(CultureInfo.InvariantCulture, $"\\u{(int)value:x4}"));
        }
    }

    public override void Write(string? value)
    {
        if (value is null || value.All(IsSafe))
        {
            inner.Write(value);
            return;
        }

        foreach (char one in value)
        {
            Write(one);
        }
    }

    public override void WriteLine() => inner.WriteLine();

    public override void WriteLine(string? value)
    {
        Write(value);
        inner.WriteLine();
    }

    public override void Flush() => inner.Flush();

    private static bool IsSafe(char value) => value switch
    {
        '\n' or '\t' => true,
        '\u061c' or '\u200e' or '\u200f' or (>= '\u2028' and <= '\u202e') or (>= '\u2066' and <= '\u2069') or '\ufeff' => false,
        _ => !char.IsControl(value),
    };
}
