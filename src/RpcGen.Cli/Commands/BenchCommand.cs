using System.CommandLine;
using RpcGen.Cli.Calling;
using RpcGen.Cli.Schemas;
using RpcGen.Schemas;

namespace RpcGen.Cli.Commands;

/// <summary><c>rpcgen bench</c>: makes many calls, and measures them.</summary>
internal static class BenchCommand
{
    private const int MaxCalls = 10_000_000;
    private const int MaxCallers = 4096;

    public static Command Create(CommonOptions common, ToolConsole console)
    {
        Argument<string> service = Completions.Service(common);
        Argument<string> method = Completions.Method(common, service);
        Argument<string[]> flags = ArgumentFlags.Create();
        var data = new Option<string?>("--data", "-d") { Description = "The arguments: a JSON object, or @FILE." };
        var callers = new Option<int>("--concurrency", "-c") { Description = "How many calls run at a time.", DefaultValueFactory = _ => 16, CustomParser = Numbers.Read<int> };
        var calls = new Option<int>("--number", "-n") { Description = "How many calls are made.", DefaultValueFactory = _ => 1000, CustomParser = Numbers.Read<int> };
        var mayRepeat = new Option<bool>("--i-know") { Description = "Call a method that is not idempotent. It runs each time, with all that it does." };
        var command = new Command("bench", "Make many calls, and measure them. The method runs each time.") { service, method, flags, data, callers, calls, mayRepeat };
        Tool.Run(command, console, async (line, cancellationToken) =>
        {
            int number = InRange(line.GetValue(calls), MaxCalls, "--number");
            int concurrency = InRange(line.GetValue(callers), MaxCallers, "--concurrency");
            string queue = line.GetRequiredValue(service);
            RpcConnection connection = await common.ConnectAsync(line, cancellationToken).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                RpcServiceDescription description = await common.DescribeAsync(line, connection, queue, cancellationToken).ConfigureAwait(false);
                RpcMethodDescription called = DescribeCommand.Find(description, line.GetRequiredValue(method));
                CallArguments.ThrowIfNotSimple(called, "rpcgen bench");
                if (called.Delivery != RpcDelivery.Idempotent && !line.GetValue(mayRepeat))
                {
                    throw new UsageException($"'{called.Name}' is not idempotent, so {number} calls do what it does {number} times. --i-know calls it.");
                }

                byte[] arguments = CallArguments.Complete(
                    await CallArguments.ReadAsync(line.GetValue(data), cancellationToken).ConfigureAwait(false), line.GetValue(flags) ?? [], called, new SchemaDocument(description.Utf8Json), check: true);
                RpcDynamicCallOptions options = CallArguments.OptionsOf(called, common.LimitOf(line));
                RpcDynamicClient client = connection.CreateDynamicClient(queue);
                var run = new BenchRun(
                    token => called.IsOneWay ? client.SendAsync(called.Name, arguments, options, token) : client.CallAsync(called.Name, arguments, options, token), number, concurrency);
                Write(console, await run.RunAsync(cancellationToken).ConfigureAwait(false), line.GetValue(common.Json));
            }
        });
        return command;
    }

    private static void Write(ToolConsole console, BenchResult result, bool isJson)
    {
        if (isJson)
        {
            JsonOutput.Write(console.Out, result.Write);
        }
        else
        {
            result.Write(console.Out);
        }

        if (result.Durations.Length == 0)
        {
            throw new CheckFailedException("No call was answered.");
        }
    }

    private static int InRange(int value, int max, string option) =>
        value >= 1 && value <= max ? value : throw new UsageException($"{option} must be at least 1 and at most {max}.");
}
