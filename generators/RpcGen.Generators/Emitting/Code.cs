using System.Globalization;
using System.Runtime.CompilerServices;

namespace RpcGen.Generators.Emitting;

/// <summary>
/// Text built from raw string literals: what fills a hole is indented as its line is, and a line that holds nothing but an
/// empty hole goes away. So a template looks like what it emits. Templates are kept as the pieces they are made of and
/// become text once, when the file is finished: text is not copied on every level that it is indented by.
/// </summary>
[InterpolatedStringHandler]
internal sealed class Code
{
    /// <summary>Nothing.</summary>
    public static Code Empty { get; } = new(0, 0);

    /// <summary>Strings and further templates, in order; null after the last.</summary>
    private readonly object?[] _pieces;
    private int _count;

    public Code(int literalLength, int formattedCount) => _pieces = new object?[literalLength == 0 ? formattedCount : (formattedCount * 2) + 1];

    private Code(object?[] pieces)
    {
        _pieces = pieces;
        _count = pieces.Length;
    }

    /// <summary>Whether it has no text.</summary>
    public bool IsEmpty { get; private set; } = true;

    /// <summary>Whether it has more than a line.</summary>
    public bool IsBlock { get; private set; }

    /// <summary>A template.</summary>
    public static Code Of(Code template) => template;

    /// <summary>Pieces one below the other, those that are empty left out.</summary>
    public static Code Lines(IEnumerable<Code> pieces) => Join("\n", pieces);

    /// <summary>Lines one below the other, those that are empty left out.</summary>
    public static Code Lines(IEnumerable<string> pieces) => Join("\n", pieces);

    /// <summary>Pieces with an empty line between them, those that are empty left out.</summary>
    public static Code Members(IEnumerable<Code> pieces) => Join("\n\n", pieces);

    /// <summary>Pieces of one line, commas between them.</summary>
    public static Code List(IEnumerable<Code> pieces) => Join(", ", pieces);

    /// <summary>Pieces of one line, commas between them.</summary>
    public static Code List(IEnumerable<string> pieces) => Join(", ", pieces);

    /// <summary>Pieces below each other; those of several lines with empty lines around them.</summary>
    public static Code Blocks(IEnumerable<Code> pieces)
    {
        var all = new List<object?>();
        bool wasBlock = false;
        foreach (Code piece in pieces.Where(piece => !piece.IsEmpty))
        {
            if (all.Count > 0)
            {
                all.Add(piece.IsBlock || wasBlock ? "\n\n" : "\n");
            }

            all.Add(piece);
            wasBlock = piece.IsBlock;
        }

        return From(all, isBlock: true);
    }

    public static implicit operator Code(string text) => text.Length == 0 ? Empty : new Code([text]) { IsEmpty = false, IsBlock = text.Contains('\n') };

    public bool StartsWith(string text) => _count > 0 && _pieces[0] switch
    {
        Code code => code.StartsWith(text),
        var literal => ((string)literal!).StartsWith(text, StringComparison.Ordinal),
    };

    public void AppendLiteral(string literal) => Append(literal, isBlock: literal.Contains('\n'));

    public void AppendFormatted(int value) => AppendFormatted(value.ToString(CultureInfo.InvariantCulture));

    public void AppendFormatted(string? value)
    {
        if (string.IsNullOrEmpty(value) || value!.Contains('\n'))
        {
            AppendFormatted((Code)(value ?? ""));
        }
        else
        {
            Append(value!, isBlock: false);
        }
    }

    public void AppendFormatted(Code value)
    {
        _pieces[_count++] = value;
        IsEmpty &= value.IsEmpty;
        IsBlock |= value.IsBlock;
    }

    /// <summary>The text of a finished file.</summary>
    public override string ToString()
    {
        var writer = new CodeWriter();
        WriteTo(writer);
        return writer.Finish();
    }

    private void WriteTo(CodeWriter writer)
    {
        if (IsEmpty)
        {
            writer.WriteNothing();
            return;
        }

        for (int i = 0; i < _count; i++)
        {
            if (_pieces[i] is string text)
            {
                writer.Write(text);
            }
            else
            {
                int indent = writer.Indent();
                ((Code)_pieces[i]!).WriteTo(writer);
                writer.Unindent(indent);
            }
        }
    }

    private void Append(object piece, bool isBlock)
    {
        _pieces[_count++] = piece;
        IsEmpty = false;
        IsBlock |= isBlock;
    }

    private static Code Join(string separator, IEnumerable<object> pieces)
    {
        var all = new List<object?>();
        foreach (object piece in pieces)
        {
            if (piece is "" or Code { IsEmpty: true })
            {
                continue;
            }

            if (all.Count > 0)
            {
                all.Add(separator);
            }

            all.Add(piece);
        }

        return From(all, isBlock: separator[0] == '\n');
    }

    private static Code From(List<object?> pieces, bool isBlock) => pieces switch
    {
        [] => Empty,
        [Code only] => only,
        [string only] => only,
        _ => new Code(pieces.ToArray()) { IsEmpty = false, IsBlock = isBlock },
    };
}
