using RpcGen.Cli.Calling;

namespace RpcGen.Cli;

/// <summary>The streams of the tool. Results go to <see cref="Out"/>, and everything else to <see cref="Error"/>. Text of peers cannot control the terminal.</summary>
internal sealed class ToolConsole(TextWriter output, TextWriter error, TextReader input, bool isTerminal = false)
{
    private const int MaxLine = 78;
    private const string Home = "\u001b[H";
    private const string ClearLine = "\u001b[K";
    private const string ClearRest = "\u001b[J";
    private const string ClearAll = "\u001b[2J";

    private bool _isDrawn;

    public TextWriter Out { get; } = new SafeTextWriter(output);

    public TextWriter Error { get; } = new SafeTextWriter(error);

    /// <summary>The lines of the standard input.</summary>
    public InputReader In { get; } = new(input);

    /// <summary>The standard output for bytes.</summary>
    public Stream OutBytes { get; init; } = Stream.Null;

    /// <summary>The standard input as bytes.</summary>
    public Stream InBytes { get; init; } = Stream.Null;

    /// <summary>Whether a terminal shows the output.</summary>
    public bool IsTerminal => isTerminal;

    /// <summary>Whether a terminal shows what is written to <see cref="Error"/>.</summary>
    public bool IsErrorTerminal { get; init; }

    /// <summary>Whether the input comes from a terminal.</summary>
    public bool IsInputTerminal { get; init; }

    /// <summary>Writes a line of JSON like <see cref="WriteExactly"/>. False if nobody reads the output any more.</summary>
    public bool TryWriteExactly(string json)
    {
        try
        {
            WriteExactly(json);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Writes the start of a text in the last line of the terminal, in the place of what it wrote there before.</summary>
    public void RedrawLine(string text)
    {
        error.Write('\r');
        Error.Write(text.Length > MaxLine ? text[..MaxLine] + "…" : text);
        error.Write(ClearLine);
        error.Write('\r');
        error.Flush();
    }

    /// <summary>Writes JSON that must stay as it is. Only a terminal gets it with control characters escaped.</summary>
    public void WriteExactly(string json) => (isTerminal ? Out : output).WriteLine(json);

    /// <summary>Writes text in the place of what it wrote before, if the output is a terminal. Otherwise, the text is added.</summary>
    /// <param name="write">Writes the text.</param>
    /// <param name="isTable">Whether the text is to stand alone, rather than to be one of several lines.</param>
    public void Redraw(Action<TextWriter> write, bool isTable)
    {
        if (!isTerminal || !isTable)
        {
            if (_isDrawn && isTable)
            {
                Out.WriteLine();
            }

            write(Out);
            output.Flush();
            _isDrawn = true;
            return;
        }

        using var text = new StringWriter();
        write(new SafeTextWriter(text));
        output.Write(_isDrawn ? Home : ClearAll + Home);
        output.Write(text.ToString().ReplaceLineEndings(ClearLine + "\n"));
        output.Write(ClearRest);
        output.Flush();
        _isDrawn = true;
    }
}
