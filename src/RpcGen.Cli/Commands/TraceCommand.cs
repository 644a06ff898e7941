using System.CommandLine;
using RpcGen.Cli.Calling;
using RpcGen.Cli.Schemas;
using RpcGen.Cli.Tracing;
using RpcGen.Schemas;

namespace RpcGen.Cli.Commands;

/// <summary><c>rpcgen trace</c>: makes one call, and shows which services took part in it.</summary>
internal static class TraceCommand
{
    public static Command Create(CommonOptions common, ToolConsole console)
    {
        Argument<string> service = Completions.Service(common);
        Argument<string> method = Completions.Method(common, service);
        Argument<string[]> flags = ArgumentFlags.Create();
        var data = new Option<string?>("--data", "-d") { Description = "The arguments: a JSON object, or @FILE." };
        var command = new Command("trace", "Call a method, and show where the time goes: one line for each service that took part. The method runs.") { service, method, flags, data };
        Tool.Run(command, console, async (line, cancellationToken) =>
        {
            string queue = line.GetRequiredValue(service);
            RpcConnection connection = await common.ConnectAsync(line, cancellationToken).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                RpcServiceDescription description = await common.DescribeAsync(line, connection, queue, cancellationToken).ConfigureAwait(false);
                RpcMethodDescription called = DescribeCommand.Find(description, line.GetRequiredValue(method));
                CallArguments.ThrowIfNotSimple(called, "rpcgen trace");
                byte[] arguments = CallArguments.Complete(
                    await CallArguments.ReadAsync(line.GetValue(data), cancellationToken).ConfigureAwait(false), line.GetValue(flags) ?? [], called, new SchemaDocument(description.Utf8Json), check: true);
                using var trace = new OwnTrace();
                var run = new TracedCall(connection, queue, called, console);
                await run.RunAsync(trace.Id, arguments, CallArguments.OptionsOf(called, common.LimitOf(line)), line.GetValue(common.Json), cancellationToken).ConfigureAwait(false);
            }
        });
        return command;
    }
}
