using System.CommandLine;
using System.Text.Json.Nodes;
using RpcGen.Cli.Calling;
using RpcGen.Cli.Schemas;
using RpcGen.Schemas;

namespace RpcGen.Cli.Commands;

/// <summary><c>rpcgen call</c>: calls a method by JSON.</summary>
internal static class CallCommand
{
    public static Command Create(CommonOptions common, ToolConsole console)
    {
        var service = Completions.Service(common);
        var method = Completions.Method(common, service);
        Argument<string[]> flags = ArgumentFlags.Create();
        var data = new Option<string?>("--data", "-d") { Description = "The arguments: a JSON object, @FILE, or - to call once for each line of the standard input." };
        var skeleton = new Option<bool>("--skeleton") { Description = "Write an example of the arguments, and call nothing." };
        var noValidate = new Option<bool>("--no-validate") { Description = "Send the arguments without checking them." };
        var output = new Option<string?>("--output", "-o") { Description = "The file for a result that is bytes; - for the standard output." };
        var metadata = new Option<string[]>("--metadata") { Description = "Metadata of the call: NAME=VALUE. Can be given several times." };
        var command = new Command("call", "Call a method, for example: rpcgen call Shop.Orders Place --order.customer Ada. Streams are given as --NAME @FILE, or - for the standard input.") { service, method, flags, data, skeleton, noValidate, output, metadata };
        Tool.Run(command, console, async (line, cancellationToken) =>
        {
            string queue = line.GetRequiredValue(service);
            RpcConnection connection = await common.ConnectAsync(line, cancellationToken).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                RpcServiceDescription description = await common.AskAsync(line, queue, token => connection.DescribeAsync(queue, token), cancellationToken).ConfigureAwait(false);
                RpcMethodDescription called = DescribeCommand.Find(description, line.GetRequiredValue(method));
                var document = new SchemaDocument(description.Utf8Json);
                if (line.GetValue(skeleton))
                {
                    JsonNode example = Skeleton.Of(called.Arguments, document) ?? new JsonObject();
                    JsonOutput.Write(console.Out, writer => example.WriteTo(writer));
                    return;
                }

                var request = new CallRequest(line.GetValue(flags) ?? [], common.LimitOf(line), CheckBefore: !line.GetValue(noValidate), line.GetValue(output), CallArguments.MetadataOf(line.GetValue(metadata) ?? []));

                // The queue is the one that the user named, not one that the description names.
                await new MethodCall(connection.CreateDynamicClient(queue), called, document, request, console).RunAsync(line.GetValue(data), cancellationToken).ConfigureAwait(false);
            }
        });
        return command;
    }
}
