using System.CommandLine;
using RpcGen.Cli.Exploring;

namespace RpcGen.Cli.Commands;

/// <summary><c>rpcgen explore</c>: a page that shows and calls services.</summary>
internal static class ExploreCommand
{
    private const int MaxPort = 65_535;

    public static Command Create(CommonOptions common, ToolConsole console)
    {
        var port = new Option<int>("--port") { Description = "The port on this machine. Default: any that is free.", CustomParser = Numbers.Read<int> };
        var readOnly = new Option<bool>("--read-only") { Description = "Show services, but call no methods." };
        var command = new Command("explore", "Serve a page that shows services, calls their methods, and watches them. Only for this machine, and until Ctrl+C.") { port, readOnly };
        Tool.Run(command, console, async (line, cancellationToken) =>
        {
            int chosen = line.GetValue(port) is >= 0 and <= MaxPort and var number ? number : throw new UsageException($"--port must be at least 0 and at most {MaxPort}.");
            RpcConnection connection = await common.ConnectAsync(line, cancellationToken).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                ExplorerHost host = await ExplorerHost.StartAsync(connection, chosen, line.GetValue(readOnly), cancellationToken).ConfigureAwait(false);
                await using (host.ConfigureAwait(false))
                {
                    console.Out.WriteLine(host.Address.ToString());
                    console.Error.WriteLine("Open this address in a browser on this machine. Anyone who has it can do what the broker's user can do. Ctrl+C ends the explorer.");
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).ConfigureAwait(false);
                }
            }
        });
        return command;
    }
}
