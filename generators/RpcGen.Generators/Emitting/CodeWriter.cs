using System.Text;

namespace RpcGen.Generators.Emitting;

/// <summary>
/// Writes lines, each indented by what its template says and by all that the template stands in. Leaves out lines that
/// hold nothing but an empty hole, and empty lines after another, after an opening or before a closing brace.
/// </summary>
internal sealed class CodeWriter
{
    /// <summary>What is larger is not kept for another file.</summary>
    private const int MostSpare = 128 * 1024;

    /// <summary>The last file's, for the next one.</summary>
    [ThreadStatic]
    private static StringBuilder? _spare;

    private readonly StringBuilder _text = Rent();

    /// <summary>The indentation of every new line.</summary>
    private int _indent;

    /// <summary>The indentation of this line so far.</summary>
    private int _lineIndent;

    /// <summary>Where this line's text starts; -1 while it has none.</summary>
    private int _lineStart = -1;
    private bool _hasEmptyHole;

    /// <summary>Where the empty line before this one is; -1 where there is none.</summary>
    private int _emptyLine = -1;
    private bool _isEmptyLineDue;
    private bool _isAfterOpening = true;

    /// <summary>From here on, lines are indented as this one is. Gives what <see cref="Unindent"/> takes.</summary>
    public int Indent()
    {
        int before = _indent;
        _indent = _lineIndent;
        return before;
    }

    public void Unindent(int before) => _indent = before;

    /// <summary>An empty hole: with nothing else on it, the line goes away.</summary>
    public void WriteNothing() => _hasEmptyHole = true;

    public void Write(string text)
    {
        int start = 0;
        while (true)
        {
            int end = text.IndexOf('\n', start);
            WritePart(text, start, end < 0 ? text.Length : end);
            if (end < 0)
            {
                return;
            }

            EndLine();
            start = end + 1;
        }
    }

    public string Finish()
    {
        EndLine();
        string text = _text.ToString();
        _spare = _text.Capacity <= MostSpare ? _text : null;
        return text;
    }

    private static StringBuilder Rent()
    {
        StringBuilder text = _spare ?? new StringBuilder(32 * 1024);
        _spare = null;
        text.Clear();
        return text;
    }

    private void WritePart(string text, int start, int end)
    {
        if (_lineStart < 0)
        {
            while (start < end && text[start] == ' ')
            {
                start++;
                _lineIndent++;
            }

            if (start == end)
            {
                return;
            }

            BeginText();
        }

        _text.Append(text, start, end - start);
    }

    private void BeginText()
    {
        if (_isEmptyLineDue)
        {
            _emptyLine = _text.Length;
            _text.Append('\n');
            _isEmptyLineDue = false;
        }

        _text.Append(' ', _lineIndent);
        _lineStart = _text.Length;
    }

    private void EndLine()
    {
        if (_lineStart < 0)
        {
            _isEmptyLineDue |= !_hasEmptyHole && !_isAfterOpening;
        }
        else
        {
            EndText();
        }

        _lineStart = -1;
        _lineIndent = _indent;
        _hasEmptyHole = false;
    }

    private void EndText()
    {
        while (_text[_text.Length - 1] == ' ')
        {
            _text.Length--;
        }

        bool isOneCharacter = _text.Length == _lineStart + 1;
        if (_emptyLine >= 0 && isOneCharacter && _text[_lineStart] == '}')
        {
            _text.Remove(_emptyLine, 1);
            _lineStart--;
        }

        _isAfterOpening = isOneCharacter && _text[_lineStart] == '{';
        _emptyLine = -1;
        _text.Append('\n');
    }
}
