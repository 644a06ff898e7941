using System.Globalization;
using System.Runtime.CompilerServices;

namespace RpcGen.Generators.Text;

/// <summary>
/// Generated code, built from raw string literals that look like the code they produce. The content of a hole is indented like the
/// line it is on, and a line with nothing but empty holes is removed. Templates are kept in pieces and become text only when the
/// file is finished, so that text is not copied again for each level of nesting.
/// </summary>
[InterpolatedStringHandler]
internal sealed class Code
{
    /// <summary>Code without text.</summary>
    public static Code Empty { get; } = new(0, 0);

    /// <summary>Strings and nested templates, in order. Only the first <see cref="_count"/> elements are in use.</summary>
    private readonly object?[] _pieces;
    private int _count;

    public Code(int literalLength, int formattedCount) => _pieces = new object?[literalLength == 0 ? formattedCount : (formattedCount * 2) + 1];

    private Code(object?[] pieces)
    {
        _pieces = pieces;
        _count = pieces.Length;
    }

    /// <summary>Whether the code has no text.</summary>
    public bool IsEmpty { get; private set; } = true;

    /// <summary>Whether the code has more than one line.</summary>
    public bool IsBlock { get; private set; }

    /// <summary>The code of an interpolated string, which the compiler builds with this type as its handler.</summary>
    public static Code Of(Code template) => template;

    /// <summary>The pieces that are not empty, each on a new line.</summary>
    public static Code Lines(IEnumerable<Code> pieces) => Join("\n", pieces);

    /// <summary>The lines that are not empty.</summary>
    public static Code Lines(IEnumerable<string> pieces) => Join("\n", pieces);

    /// <summary>The pieces that are not empty, with empty lines between them.</summary>
    public static Code Members(IEnumerable<Code> pieces) => Join("\n\n", pieces);

    /// <summary>The pieces that are not empty, on one line, separated by commas.</summary>
    public static Code List(IEnumerable<Code> pieces) => Join(", ", pieces);

    /// <summary>The pieces that are not empty, on one line, separated by commas.</summary>
    public static Code List(IEnumerable<string> pieces) => Join(", ", pieces);

    /// <summary>The pieces that are not empty, each on a new line, with empty lines around pieces of several lines.</summary>
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

    /// <summary>The code as the text of a file.</summary>
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
