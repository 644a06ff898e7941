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
        output.Write(string.Join('\n', text.ToString().ReplaceLineEndings("\n").Split('\n').Select(line => Mark(line, root))));
        return code;
    }

    private static string Mark(string line, RootCommand root)
    {
        foreach (Command command in root.Subcommands)
        {
            string label = Indent + command.Name + string.Concat(command.Arguments.Select(argument => $" <{argument.HelpName ?? argument.Name}>"));
            if (command.Arguments.Count > 0 && line.StartsWith(label + Indent, StringComparison.Ordinal))
            {
                string marked = Indent + command.Name + string.Concat(command.Arguments.Select(argument => argument.Arity.MinimumNumberOfValues == 0 ? $" [<{argument.HelpName ?? argument.Name}>]" : $" <{argument.HelpName ?? argument.Name}>"));
                string rest = line[label.Length..];
                int spare = Math.Min(marked.Length - label.Length, rest.Length - rest.TrimStart().Length - Indent.Length); // the columns stay where they are, if there is room
                return marked + rest[spare..];
            }
        }

        return line;
    }
}
