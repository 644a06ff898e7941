using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using RpcGen.Cli.Calling;
using RpcGen.Cli.Programs;
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
        var language = new Option<string?>("--as") { Description = "Write a program that makes the call, and call nothing: csharp, python or typescript." };
        language.AcceptOnlyFromAmong(CallProgram.Languages);
        var command = new Command("call", "Call a method, for example: rpcgen call Shop.Orders Place --order.customer Ada. Streams are given as --NAME @FILE, or - for the standard input.") { service, method, flags, data, skeleton, noValidate, output, metadata, language };
        Tool.Run(command, console, async (line, cancellationToken) =>
        {
            string queue = line.GetRequiredValue(service);
            RpcConnection connection = await common.ConnectAsync(line, cancellationToken).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                RpcServiceDescription description = await common.DescribeAsync(line, connection, queue, cancellationToken).ConfigureAwait(false);
                RpcMethodDescription called = DescribeCommand.Find(description, line.GetRequiredValue(method));
                var document = new SchemaDocument(description.Utf8Json);
                if (line.GetValue(skeleton))
                {
                    JsonNode example = Skeleton.Of(called.Arguments, document) ?? new JsonObject();
                    JsonOutput.Write(console.Out, writer => example.WriteTo(writer));
                    return;
                }

                if (line.GetValue(language) is { } chosen)
                {
                    CallArguments.ThrowIfNotSimple(called, "--as");
                    byte[] arguments = CallArguments.Complete(await CallArguments.ReadAsync(line.GetValue(data), cancellationToken).ConfigureAwait(false), line.GetValue(flags) ?? [], called, document, !line.GetValue(noValidate));
                    var program = new CallProgram(queue, called, Encoding.UTF8.GetString(arguments), common.LimitOf(line) ?? called.Timeout, CallArguments.MetadataOf(line.GetValue(metadata) ?? []));
                    console.Out.Write(program.Write(chosen));
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
