using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace RpcGen.Generators.Emitting;

/// <summary>
/// Text built from raw string literals: what fills a hole is indented as its line is, and a line that holds nothing but an
/// empty hole goes away. So a template looks like what it emits.
/// </summary>
[InterpolatedStringHandler]
internal sealed class Code(int literalLength, int formattedCount)
{
    private readonly StringBuilder _text = new(literalLength + (formattedCount * 32));
    private bool _endsInEmptyHole;

    /// <summary>The text of a template.</summary>
    public static string Of(Code template)
    {
        template.CloseEmptyHole(beforeLineEnd: true);
        return template._text.ToString().TrimEnd('\n');
    }

    /// <summary>Pieces one below the other, those that are empty left out.</summary>
    public static string Lines(IEnumerable<string> pieces) => string.Join("\n", pieces.Where(piece => piece.Length > 0));

    /// <summary>Pieces with an empty line between them, those that are empty left out.</summary>
    public static string Members(IEnumerable<string> pieces) => string.Join("\n\n", pieces.Where(piece => piece.Length > 0));

    /// <summary>A finished file: no empty line after another, after an opening or before a closing brace.</summary>
    public static string Tidy(string text)
    {
        var tidy = new StringBuilder(text.Length);
        string before = "{";
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].TrimEnd();
            string after = i + 1 < lines.Length ? lines[i + 1].Trim() : "";
            if (line.Length == 0 && (before.Length == 0 || before == "{" || after is "}" or ""))
            {
                continue;
            }

            tidy.Append(line).Append('\n');
            before = line.Trim();
        }

        return tidy.ToString();
    }

    public void AppendLiteral(string literal)
    {
        if (CloseEmptyHole(beforeLineEnd: literal.StartsWith("\n", StringComparison.Ordinal)))
        {
            literal = literal.Substring(1);
        }

        _text.Append(literal);
    }

    public void AppendFormatted(int value) => AppendFormatted(value.ToString(CultureInfo.InvariantCulture));

    public void AppendFormatted(string? value)
    {
        CloseEmptyHole(beforeLineEnd: false);
        int lineStart = LineStart();
        int indent = 0;
        while (lineStart + indent < _text.Length && _text[lineStart + indent] == ' ')
        {
            indent++;
        }

        if (string.IsNullOrEmpty(value))
        {
            _endsInEmptyHole = lineStart + indent == _text.Length;
            return;
        }

        _text.Append(value!.Replace("\n", "\n" + new string(' ', indent)));
    }

    /// <summary>Whether an empty hole had a line to itself, which then is removed.</summary>
    private bool CloseEmptyHole(bool beforeLineEnd)
    {
        bool removed = _endsInEmptyHole && beforeLineEnd;
        if (removed)
        {
            _text.Length = LineStart();
        }

        _endsInEmptyHole = false;
        return removed;
    }

    private int LineStart()
    {
        int start = _text.Length;
        while (start > 0 && _text[start - 1] != '\n')
        {
            start--;
        }

        return start;
    }
}
