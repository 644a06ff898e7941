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
    private static IEnumerable<string> Mark(string[] lines, RootCommand root)
    {
        (string Line, Command Command)[] known = [.. lines.SelectMany(line => root.Subcommands.Where(command => line.StartsWith(Label(command, isMarked: false) + Indent, StringComparison.Ordinal)).Select(command => (line, command)))];
        if (known.Length == 0)
        {
            return lines;
        }

        int column = known.Max(pair => pair.Line.Length - TextOf(pair).Length);
        int needed = known.Max(pair => Label(pair.Command, isMarked: true).Length + Indent.Length);
        var marked = known.ToDictionary(pair => pair.Line, pair => Label(pair.Command, isMarked: true).PadRight(Math.Max(column, needed)) + TextOf(pair), StringComparer.Ordinal);
        string continued = new(' ', column);
        string moved = new(' ', Math.Max(column, needed));
        return lines.Select(line => marked.GetValueOrDefault(line) ?? (line.StartsWith(continued, StringComparison.Ordinal) ? moved + line[column..] : line));
    }

    private static string TextOf((string Line, Command Command) known) => known.Line[Label(known.Command, isMarked: false).Length..].TrimStart();

    private static string Label(Command command, bool isMarked) => Indent + command.Name + string.Concat(command.Arguments.Select(argument =>
        isMarked && argument.Arity.MinimumNumberOfValues == 0 ? $" [<{argument.HelpName ?? argument.Name}>]" : $" <{argument.HelpName ?? argument.Name}>"));
}
