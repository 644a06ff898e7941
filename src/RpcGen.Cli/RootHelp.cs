using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace RpcGen.Cli;

/// <summary>
/// The help of the tool as a whole. The parser's own list of commands shows arguments that can be left out like those that cannot:
/// here, they stand in brackets, as in the help of each command.
/// </summary>
internal sealed class RootHelp(SynchronousCommandLineAction original) : SynchronousCommandLineAction
{
    private const string Heading = "Commands:";
    private const string Indent = "  ";

    /// <summary>Replaces the help of a command.</summary>
    public static void Attach(RootCommand root)
    {
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new RootHelp((SynchronousCommandLineAction)help.Action!);
    }

    /// <inheritdoc/>
    public override bool ClearsParseErrors => original.ClearsParseErrors;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        if (parseResult.CommandResult.Command is not RootCommand root)
        {
            return original.Invoke(parseResult);
        }

        TextWriter output = parseResult.InvocationConfiguration.Output;
        using var text = new StringWriter();
        parseResult.InvocationConfiguration.Output = text;
        int code = original.Invoke(parseResult);
        parseResult.InvocationConfiguration.Output = output;
        string[] lines = text.ToString().ReplaceLineEndings("\n").Split('\n');
        output.Write(string.Join('\n', Mark(lines, root)));
        return code;
    }

    /// <summary>Rewrites the lines of the commands, and keeps their descriptions in one column.</summary>
    private static string[] Mark(string[] lines, RootCommand root)
    {
        int start = Array.IndexOf(lines, Heading) + 1;
        int end = Array.FindIndex(lines, start, string.IsNullOrWhiteSpace);
        if (start == 0 || end < 0)
        {
            return lines;
        }

        var labels = root.Subcommands.ToDictionary(command => Label(command, isMarked: false), command => Label(command, isMarked: true), StringComparer.Ordinal);
        (string Label, string Text)[] rows = [.. lines[start..end].Select(Split).Select(row => (labels.GetValueOrDefault(row.Label) ?? row.Label, row.Text))];
        int width = rows.Max(row => row.Label.Length) + Indent.Length;
        return [.. lines[..start], .. rows.Select(row => row.Label.PadRight(width) + row.Text), .. lines[end..]];
    }

    /// <summary>The label of a line, which is empty if the line goes on with the text of the one before, and its text.</summary>
    private static (string Label, string Text) Split(string line)
    {
        int gap = line.IndexOf(Indent, Indent.Length, StringComparison.Ordinal);
        return gap < 0 ? (line, "") : (line[..gap].TrimEnd(), line[gap..].TrimStart());
    }

    private static string Label(Command command, bool isMarked) => Indent + command.Name + string.Concat(command.Arguments.Select(argument =>
        isMarked && argument.Arity.MinimumNumberOfValues == 0 ? $" [<{argument.HelpName ?? argument.Name}>]" : $" <{argument.HelpName ?? argument.Name}>"));
}
