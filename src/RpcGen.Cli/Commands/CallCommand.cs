using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using RpcGen.Cli.Calling;
using RpcGen.Cli.Schemas;

namespace RpcGen.Cli.Commands;

/// <summary><c>rpcgen call</c>: calls a method by JSON.</summary>
internal static class CallCommand
{
    /// <summary>A cancel leaves in the background. The connection stays open for so long after Ctrl+C.</summary>
    private static readonly TimeSpan CancelTime = TimeSpan.FromMilliseconds(300);

    public static Command Create(CommonOptions common, ToolConsole console)
    {
        var service = Completions.Service(common);
        var method = Completions.Method(common, service);
        Argument<string[]> flags = ArgumentFlags.Create();
        var data = new Option<string?>("--data", "-d") { Description = "The arguments: a JSON object, @FILE, or - to call once for each line of the standard input." };
        var skeleton = new Option<bool>("--skeleton") { Description = "Write an example of the arguments, and call nothing." };
        var noValidate = new Option<bool>("--no-validate") { Description = "Send the arguments without checking them." };
        var command = new Command("call", "Call a method, for example: rpcgen call Shop.Orders Place --order.customer Ada.") { service, method, flags, data, skeleton, noValidate };
        Tool.Run(command, console, async (line, cancellationToken) =>
        {
            string queue = line.GetRequiredValue(service);
            RpcConnection connection = await common.ConnectAsync(line, cancellationToken).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                RpcServiceDescription description = await common.AskAsync(line, queue, token => connection.DescribeAsync(queue, token), cancellationToken).ConfigureAwait(false);
                var call = new MethodCall(connection, queue, description, DescribeCommand.Find(description, line.GetRequiredValue(method)), console, common.LimitOf(line), CheckBefore: !line.GetValue(noValidate));
                if (line.GetValue(skeleton))
                {
                    JsonNode example = Skeleton.Of(call.Method.Arguments, call.Document) ?? new JsonObject();
                    JsonOutput.Write(console.Out, writer => example.WriteTo(writer));
                    return;
                }

                await call.RunAsync(line.GetValue(data), line.GetValue(flags) ?? [], cancellationToken).ConfigureAwait(false);
            }
        });
        return command;
    }

    /// <summary>The calls of one command line.</summary>
    private sealed record MethodCall(RpcConnection Connection, string Queue, RpcServiceDescription Description, RpcMethodDescription Method, ToolConsole Console, TimeSpan? Limit, bool CheckBefore)
    {
        /// <summary>Calls go to the queue that the user named, not to one that the description names.</summary>
        private readonly RpcDynamicClient _client = Connection.CreateDynamicClient(Queue);

        public SchemaDocument Document { get; } = new(Description.Utf8Json);

        public async Task RunAsync(string? data, IReadOnlyList<string> flags, CancellationToken cancellationToken)
        {
            CallArguments.ThrowIfNotCallable(Method);
            if (data != "-")
            {
                await CallAsync(await CallArguments.ReadAsync(data, cancellationToken).ConfigureAwait(false), flags, cancellationToken).ConfigureAwait(false);
                return;
            }

            while (await Console.In.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } text)
            {
                if (!string.IsNullOrWhiteSpace(text))
                {
                    await CallAsync(CallArguments.Parse(text), flags, cancellationToken).ConfigureAwait(false);
                }
            }
        }

        private async Task CallAsync(JsonObject body, IReadOnlyList<string> flags, CancellationToken cancellationToken)
        {
            byte[] arguments = CallArguments.Complete(body, flags, Method, Document, CheckBefore);
            RpcDynamicCallOptions options = CallArguments.OptionsOf(Method, Limit);
            try
            {
                if (Method.IsOneWay)
                {
                    await _client.SendAsync(Method.Name, arguments, options, cancellationToken).ConfigureAwait(false);
                    return;
                }

                ReadOnlyMemory<byte> result = await _client.CallAsync(Method.Name, arguments, options, cancellationToken).ConfigureAwait(false);
                if (!result.IsEmpty)
                {
                    Console.WriteExactly(Encoding.UTF8.GetString(result.Span));
                }
            }
            catch (OperationCanceledException)
            {
                await Task.Delay(CancelTime, TimeProvider.System, CancellationToken.None).ConfigureAwait(false);
                throw;
            }
        }
    }
}
