using System.CommandLine;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RpcGen.Cli.Schemas;

namespace RpcGen.Cli.Commands;

/// <summary><c>rpcgen call</c>: calls a method by JSON.</summary>
internal static class CallCommand
{
    /// <summary>A cancel leaves in the background. The connection stays open for so long after Ctrl+C.</summary>
    private static readonly TimeSpan CancelTime = TimeSpan.FromMilliseconds(300);

    public static Command Create(CommonOptions common, ToolConsole console)
    {
        var service = new Argument<string>("SERVICE") { Description = "The request queue." };
        var method = new Argument<string>("METHOD") { Description = "The method." };
        var data = new Option<string?>("--data", "-d") { Description = "The arguments: a JSON object, @FILE, or - to call once for each line of the standard input." };
        var skeleton = new Option<bool>("--skeleton") { Description = "Write an example of the arguments, and call nothing." };
        var noValidate = new Option<bool>("--no-validate") { Description = "Send the arguments without checking them." };
        var command = new Command("call", "Call a method. Arguments are given as --name VALUE, with dots for members and elements, or as JSON.") { service, method, data, skeleton, noValidate };
        command.TreatUnmatchedTokensAsErrors = false;
        Tool.Run(command, console, async (line, cancellationToken) =>
        {
            string queue = line.GetRequiredValue(service);
            RpcConnection connection = await common.ConnectAsync(line, cancellationToken).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                RpcServiceDescription description = await common.AskAsync(line, queue, token => connection.DescribeAsync(queue, token), cancellationToken).ConfigureAwait(false);
                var call = new MethodCall(connection, description, DescribeCommand.Find(description, line.GetRequiredValue(method)), console, common.LimitOf(line), CheckBefore: !line.GetValue(noValidate));
                if (line.GetValue(skeleton))
                {
                    JsonNode example = Skeleton.Of(call.Method.Arguments, call.Document) ?? new JsonObject();
                    JsonOutput.Write(console.Out, writer => example.WriteTo(writer));
                    return;
                }

                await call.RunAsync(line.GetValue(data), line.UnmatchedTokens, cancellationToken).ConfigureAwait(false);
            }
        });
        return command;
    }

    /// <summary>The calls of one command line.</summary>
    private sealed record MethodCall(RpcConnection Connection, RpcServiceDescription Description, RpcMethodDescription Method, ToolConsole Console, TimeSpan? Limit, bool CheckBefore)
    {
        private readonly RpcDynamicClient _client = Connection.CreateDynamicClient(Description.Service.Queue);

        public SchemaDocument Document { get; } = new(Description.Utf8Json);

        public async Task RunAsync(string? data, IReadOnlyList<string> flags, CancellationToken cancellationToken)
        {
            if (Method.Items is not null)
            {
                throw new UsageException($"'{Method.Name}' returns a stream, which 'rpcgen call' does not read yet.");
            }

            if (data != "-")
            {
                await CallAsync(await ReadAsync(data, cancellationToken).ConfigureAwait(false), flags, cancellationToken).ConfigureAwait(false);
                return;
            }

            while (await Console.In.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } text)
            {
                if (!string.IsNullOrWhiteSpace(text))
                {
                    await CallAsync(Parse(text), flags, cancellationToken).ConfigureAwait(false);
                }
            }
        }

        private static async Task<JsonObject> ReadAsync(string? data, CancellationToken cancellationToken)
        {
            if (data is not ['@', .. var path])
            {
                return Parse(data ?? "{}");
            }

            try
            {
                return Parse(await File.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new UsageException($"'{path}' cannot be read: {e.Message}");
            }
        }

        private static JsonObject Parse(string text)
        {
            try
            {
                return JsonNode.Parse(text) as JsonObject ?? throw new UsageException("The arguments must be a JSON object with one member for each parameter. --skeleton shows an example.");
            }
            catch (JsonException e)
            {
                throw new UsageException($"The arguments are not JSON: {e.Message}");
            }
        }

        private async Task CallAsync(JsonObject body, IReadOnlyList<string> flags, CancellationToken cancellationToken)
        {
            ArgumentFlags.Apply(body, flags, Method.Arguments, Document);
            byte[] arguments = Encoding.UTF8.GetBytes(body.ToJsonString());
            Check(arguments);
            var options = new RpcDynamicCallOptions
            {
                Delivery = Method.Delivery,
                IsDurable = Method.IsDurable,
                Call = new RpcCallOptions { Timeout = Limit ?? Method.Timeout ?? Timeout.InfiniteTimeSpan, Priority = Method.Priority },
            };
            try
            {
                if (Method.IsBroadcast)
                {
                    throw new UsageException($"'{Method.Name}' is a broadcast, which 'rpcgen call' does not send.");
                }

                if (Method.IsOneWay)
                {
                    await _client.SendAsync(Method.Name, arguments, options, cancellationToken).ConfigureAwait(false);
                    return;
                }

                ReadOnlyMemory<byte> result = await _client.CallAsync(Method.Name, arguments, options, cancellationToken).ConfigureAwait(false);
                if (!result.IsEmpty)
                {
                    Console.Out.WriteLine(Encoding.UTF8.GetString(result.Span));
                }
            }
            catch (OperationCanceledException)
            {
                await Task.Delay(CancelTime, TimeProvider.System, CancellationToken.None).ConfigureAwait(false);
                throw;
            }
        }

        private void Check(byte[] arguments)
        {
            IReadOnlyList<string> violations = CheckBefore ? new SchemaValidator(Document).Check(JsonElement.Parse(arguments), Method.Arguments) : [];
            if (violations.Count > 0)
            {
                throw new UsageException($"{string.Join(" ", violations)} Nothing was sent; --no-validate sends it.");
            }
        }
    }
}
