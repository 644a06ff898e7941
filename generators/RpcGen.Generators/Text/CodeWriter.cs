using System.Diagnostics;
using System.Text;

namespace RpcGen.Generators.Text;

/// <summary>
/// Writes lines of code. A line's indentation is that of its template plus that of the templates around it. Leaves out lines with
/// nothing but empty holes, and empty lines that follow another empty line or an opening brace, or precede a closing brace.
/// </summary>
internal sealed class CodeWriter
{
    /// <summary>The maximum capacity, in characters, of a buffer that is kept for the next file.</summary>
    private const int MaxSpareCapacity = 128 * 1024;

    /// <summary>The buffer of the last file, reused for the next one.</summary>
    [ThreadStatic]
    private static StringBuilder? _spare;

    private readonly StringBuilder _text = Rent();

    /// <summary>The indentation of each new line.</summary>
    private int _indent;

    /// <summary>The indentation of the current line so far.</summary>
    private int _lineIndent;

    /// <summary>The position of the current line's text; -1 while it has none.</summary>
    private int _lineStart = -1;

    /// <summary>Whether the current line has an empty hole.</summary>
    private bool _hasEmptyHole;

    /// <summary>The position of the empty line before the current one; -1 if the previous line is not empty.</summary>
    private int _emptyLine = -1;

    /// <summary>Whether an empty line precedes the next line with text.</summary>
    private bool _isEmptyLineDue;

    /// <summary>Whether the last line was an opening brace, or none has been written yet.</summary>
    private bool _isAfterOpening = true;

    /// <summary>Indents the next lines like the current one.</summary>
    /// <returns>The indentation before, for <see cref="Unindent"/>.</returns>
    public int Indent()
    {
        int before = _indent;
        _indent = _lineIndent;
        return before;
    }

    public void Unindent(int before) => _indent = before;

    /// <summary>Writes an empty hole. If the line has no text, it is removed.</summary>
    public void WriteNothing() => _hasEmptyHole = true;

    /// <summary>Writes text, which can have several lines.</summary>
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

    /// <summary>Ends the last line and returns the text. The writer cannot be used afterwards.</summary>
    public string Finish()
    {
        Debug.Assert(_indent == 0, "Each Indent has its Unindent.");
        EndLine();
        string text = _text.ToString();
        _spare = _text.Capacity <= MaxSpareCapacity ? _text : null;
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
