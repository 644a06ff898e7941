using System.CommandLine;
using RpcGen.Cli.Tracing;

namespace RpcGen.Cli.Commands;

/// <summary><c>rpcgen tail</c>: calls as they end.</summary>
internal static class TailCommand
{
    public static Command Create(CommonOptions common, ToolConsole console)
    {
        Argument<string> service = Completions.Service(common);
        service.Description = "The request queue. Default: all services.";
        service.Arity = ArgumentArity.ZeroOrOne;
        var faults = new Option<bool>("--faults") { Description = "Show only calls that failed, were given up or were refused." };
        var method = new Option<string?>("--method") { Description = "Show only calls of this method." };
        var command = new Command("tail", "Show calls as they end, until Ctrl+C: no arguments, and no results.") { service, faults, method };
        Tool.Run(command, console, async (line, cancellationToken) =>
        {
            string? queue = line.GetValue(service);
            RpcConnection connection = await common.ConnectAsync(line, cancellationToken).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                var filter = new RpcWatchFilter { Method = line.GetValue(method), OnlyFailures = line.GetValue(faults) };
                RpcCallWatch watch = await connection.WatchAsync(queue, filter, cancellationToken).ConfigureAwait(false);
                await using (watch.ConfigureAwait(false))
                {
                    int count = watch.Instances.Count;
                    console.Error.WriteLine(count > 0 ? $"Watching {count} {(count == 1 ? "instance" : "instances")}. Ctrl+C ends it."
                        : queue is null ? "No service answers yet." : $"No instance of '{OneLine.Of(queue)}' answers yet.");
                    await ShowAsync(watch, console, line.GetValue(common.Json), cancellationToken).ConfigureAwait(false);
                }
            }
        });
        return command;
    }

    /// <summary>Shows what arrives until the user presses Ctrl+C. That ends the command successfully, and so does a reader of the output that has enough.</summary>
    private static async Task ShowAsync(RpcCallWatch watch, ToolConsole console, bool isJson, CancellationToken cancellationToken)
    {
        long omitted = 0;
        try
        {
            await foreach (RpcCallEvent ended in watch.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                if (!TryWrite(console, ended, isJson))
                {
                    return;
                }

                if (watch.Omitted is var now && now > omitted)
                {
                    console.Error.WriteLine($"{now - omitted} more calls ended than can be shown.");
                    omitted = now;
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    private static bool TryWrite(ToolConsole console, RpcCallEvent ended, bool isJson)
    {
        try
        {
            if (isJson)
            {
                JsonOutput.WriteLine(console.Out, writer => CallEventText.Write(writer, ended));
            }
            else
            {
                console.Out.WriteLine(CallEventText.LineOf(ended));
            }

            console.Out.Flush();
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
