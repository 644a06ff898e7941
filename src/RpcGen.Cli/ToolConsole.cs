namespace RpcGen.Cli;

/// <summary>The streams of the tool. Results go to <see cref="Out"/>, and everything else to <see cref="Error"/>. Text of peers cannot control the terminal.</summary>
internal sealed class ToolConsole(TextWriter output, TextWriter error, TextReader input, bool isTerminal = false)
{
    private const string Home = "\u001b[H";
    private const string ClearLine = "\u001b[K";
    private const string ClearRest = "\u001b[J";
    private const string ClearAll = "\u001b[2J";

    private bool _isDrawn;

    public TextWriter Out { get; } = new SafeTextWriter(output);

    public TextWriter Error { get; } = new SafeTextWriter(error);

    public TextReader In { get; } = input;

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
