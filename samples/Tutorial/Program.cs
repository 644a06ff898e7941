using RpcGen;
using RpcGen.Samples;
using RpcGen.Samples.Tutorial;

// Tutorial                            server and client in this process, without a broker
// Tutorial server [--declare KIND]    serves until Ctrl+C or SIGTERM; uses an existing queue as it is
// Tutorial client N...                calls this server, or the tutorial's in any language
return await Sample.RunAsync(async () =>
{
    var line = new CommandLine(
        args,
        "Tutorial [server [--declare transient|durable|quorum] | client N...] [--broker URL] [--queue NAME]",
        "--broker", "--queue", "--declare");
    string broker = line["--broker"] ?? (line.Words.Length == 0 ? "memory://tutorial" : "amqp://localhost");
    var server = new RpcServerOptions { Queue = line["--queue"], QueueType = QueueType(line) };
    var client = new RpcClientOptions { Queue = line["--queue"] };
    switch (line.Words)
    {
        case []:
            await ServeAsync(broker, server, () => CallAsync(broker, client, [30]));
            break;
        case ["server"]:
            await ServeAsync(broker, server, Sample.RunUntilStoppedAsync);
            break;
        case ["client", _, ..] when line["--declare"] is not null:
            throw line.Wrong("--declare is for servers");
        case ["client", _, ..]:
            await CallAsync(broker, client, [.. line.Words.Skip(1).Select(line.Number)]);
            break;
        case ["client"]:
            throw line.Wrong("client needs at least one number");
        default:
            throw line.Wrong("The first word must be server or client");
    }
});

static async Task ServeAsync(string broker, RpcServerOptions options, Func<Task> whileServing)
{
    await using RpcConnection connection = await RpcConnection.ConnectAsync(broker);
    await using RpcServer server = await connection.ServeAsync<IFibonacci>(new Fibonacci(), options);
    await whileServing();
}

static async Task CallAsync(string broker, RpcClientOptions options, int[] numbers)
{
    await using RpcConnection connection = await RpcConnection.ConnectAsync(broker);
    IFibonacci fibonacci = connection.CreateClient<IFibonacci>(options);
    foreach (int n in numbers)
    {
        Console.WriteLine($"fib({n}) = {await fibonacci.FibAsync(n)}");
    }
}

static RpcQueueType QueueType(CommandLine line) => line["--declare"] switch
{
    null or "durable" => RpcQueueType.Classic,
    "quorum" => RpcQueueType.Quorum,
    "transient" => RpcQueueType.NonDurable,
    string other => throw line.Wrong($"--declare {other} is not known"),
};
