using System.CommandLine;
using RpcGen.Cli.Commands;

namespace RpcGen.Cli;

/// <summary>The command line.</summary>
internal static class Tool
{
    /// <summary>Runs a command line.</summary>
    /// <returns>The exit code: see <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(string[] args, ToolConsole console, CancellationToken cancellationToken)
    {
        var common = new CommonOptions();
        var root = new RootCommand("Lists, describes, watches and calls RpcGen services on RabbitMQ.")
        {
            common.Broker,
            common.Json,
            common.Timeout,
            ListCommand.Create(common, console),
            PingCommand.Create(common, console),
            DescribeCommand.Create(common, console),
            CallCommand.Create(common, console),
            WatchCommand.Create(common, console),
            TailCommand.Create(common, console),
            TraceCommand.Create(common, console),
            ExportCommand.Create(common, console),
            BenchCommand.Create(common, console),
            DoctorCommand.Create(common, console),
            DeadCommand.Create(common, console),
            ExploreCommand.Create(common, console),
            CompletionCommand.Create(console),
        };
        RootHelp.Attach(root);
        var configuration = new ParserConfiguration { ResponseFileTokenReplacer = null }; // @FILE means something else here
        ParseResult line = root.Parse(args, configuration);
        int code = await line.InvokeAsync(new InvocationConfiguration { Output = console.Out, Error = console.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(10) }, cancellationToken).ConfigureAwait(false);
        return line.Errors.Count > 0 ? ExitCodes.Usage : code;
    }

    /// <summary>Sets what a command does. Failures become one line and an exit code.</summary>
    public static void Run(Command command, ToolConsole console, Func<ParseResult, CancellationToken, Task> action) => command.SetAction(async (line, cancellationToken) =>
    {
        try
        {
            await action(line, cancellationToken).ConfigureAwait(false);
            return ExitCodes.Success;
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException or UsageException or CheckFailedException or ArgumentException)
        {
            return Failures.Report(e, console.Error);
        }
#pragma warning disable CA1031 // The last resort: descriptions and answers come from peers, and a malformed one must not end in a stack trace.
        catch (Exception e)
#pragma warning restore CA1031
        {
            console.Error.WriteLine(OneLine.Of($"The answer cannot be used: {e.GetType().Name}: {e.Message}"));
            return ExitCodes.Fault;
        }
    });
}
