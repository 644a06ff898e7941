using RpcGen.Cli;

namespace RpcGen.EndToEnd.Tests.Tool;

/// <summary>Text of services cannot control the terminal of the tool's user.</summary>
public sealed class TerminalTests
{
    private readonly StringWriter _output = new() { NewLine = "\n" };

    [Theory]
    [InlineData("\u001b]0;title\u0007", @"\u001b]0;title\u0007")]
    [InlineData("a\rb", @"a\u000db")]
    [InlineData("\u009b31m", @"\u009b31m")]
    [InlineData("\u202eevil", @"\u202eevil")]
    [InlineData("\u2066x\u2069\u200f", @"\u2066x\u2069\u200f")]
    [InlineData("two\nlines\tand ü 😀 日", "two\nlines\tand ü 😀 日")]
    public void Control_characters_are_escaped(string text, string shown)
    {
        var console = new ToolConsole(_output, TextWriter.Null, TextReader.Null);

        console.Out.Write(text);
        console.Out.WriteLine(text);
        foreach (char one in text)
        {
            console.Out.Write(one);
        }

        Assert.Equal($"{shown}{shown}\n{shown}", _output.ToString());
    }

    [Theory]
    [InlineData(false, "\"\u009b\"\n")]
    [InlineData(true, "\"\\u009b\"\n")] // the same JSON
    public void A_result_stays_as_it_is_unless_a_terminal_shows_it(bool isTerminal, string written)
    {
        new ToolConsole(_output, TextWriter.Null, TextReader.Null, isTerminal).WriteExactly("\"\u009b\"");

        Assert.Equal(written, _output.ToString());
    }

    [Fact]
    public void A_cell_of_a_table_stays_in_its_line()
    {
        Table.Write(_output, [["A", "B"], ["x\nFORGED", "y"]]);

        Assert.Equal("A              B\nx\\u000aFORGED  y\n", _output.ToString());
    }

    [Fact]
    public void A_table_is_renewed_in_place_on_a_terminal_alone()
    {
        var terminal = new ToolConsole(_output, TextWriter.Null, TextReader.Null, isTerminal: true);
        terminal.Redraw(output => output.Write("\u001b[1m\n"), isTable: true);
        terminal.Redraw(output => output.Write("b\n"), isTable: true);
        Assert.Equal("\u001b[2J\u001b[H\\u001b[1m\u001b[K\n\u001b[J\u001b[Hb\u001b[K\n\u001b[J", _output.ToString());

        _output.GetStringBuilder().Clear();
        var file = new ToolConsole(_output, TextWriter.Null, TextReader.Null);
        file.Redraw(output => output.Write("a\n"), isTable: true);
        file.Redraw(output => output.Write("b\n"), isTable: true);
        file.Redraw(output => output.Write("{}\n"), isTable: false);
        Assert.Equal("a\n\nb\n{}\n", _output.ToString());
    }
}
