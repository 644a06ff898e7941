using System.CommandLine;
using System.Globalization;

namespace RpcGen.Cli.Commands;

/// <summary><c>rpcgen ping</c>: whether a server answers.</summary>
internal static class PingCommand
{
    public static Command Create(CommonOptions common, ToolConsole console)
    {
        var service = Completions.Service(common);
        var command = new Command("ping", "Ask whether a server of a queue answers.") { service };
        Tool.Run(command, console, async (line, cancellationToken) =>
        {
            string queue = line.GetRequiredValue(service);
            RpcConnection connection = await common.ConnectAsync(line, cancellationToken).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                RpcPing ping = await common.AskAsync(line, queue, token => connection.PingAsync(queue, token), cancellationToken).ConfigureAwait(false);
                Write(console, ping, line.GetValue(common.Json));
            }
        });
        return command;
    }

    private static void Write(ToolConsole console, RpcPing ping, bool isJson)
    {
        if (isJson)
        {
            JsonOutput.Write(console.Out, writer => JsonOutput.WriteInstance(writer, ping.Service));
            return;
        }

        RpcInstance instance = ping.Service.Instance;
        console.Out.WriteLine(OneLine.Of(string.Create(
            CultureInfo.InvariantCulture, $"{ping.Service.Queue} answered in {ping.RoundTrip.TotalMilliseconds:0.0} ms: {instance.ProcessName} ({instance.ProcessId}) on {instance.HostName}, started {instance.StartedAt:u}")));
    }
}
