using RpcGen;
using RpcGen.Samples;
using RpcGen.Samples.Fibonacci;

// Fibonacci                             client and server in this process, without a broker
// Fibonacci server --broker URL         serves until Ctrl+C or SIGTERM
// Fibonacci client N --broker URL       calls a server
return await Sample.RunAsync(async () =>
{
    var line = new CommandLine(args, "Fibonacci [server | client N] [--broker URL]", "--broker");
    string broker = line["--broker"] ?? (line.Words.Length == 0 ? "memory://fibonacci" : "amqp://localhost");
    switch (line.Words)
    {
        case []:
            await ServeAsync(broker, () => CallAsync(broker, 30));
            break;
        case ["server"]:
            await ServeAsync(broker, Sample.RunUntilStoppedAsync);
            break;
        case ["client", string n]:
            await CallAsync(broker, line.Number(n));
            break;
        default:
            throw line.Wrong($"'{string.Join(' ', line.Words)}' is not understood");
    }
});

static async Task ServeAsync(string broker, Func<Task> whileServing)
{
    #region server
    await using RpcConnection connection = await RpcConnection.ConnectAsync(broker);
    await using RpcServer server = await connection.ServeAsync<IFibonacciService>(new FibonacciService());
    #endregion
    await whileServing();
}

static async Task CallAsync(string broker, int n)
{
    #region client
    await using RpcConnection connection = await RpcConnection.ConnectAsync(broker);
    IFibonacciService fibonacci = connection.CreateClient<IFibonacciService>();
    Console.WriteLine($"fib({n}) = {await fibonacci.FibonacciAsync(n)}");
    #endregion
}
