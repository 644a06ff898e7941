using System.Runtime.InteropServices;
using RpcGen;
using RpcGenApp._1.Contracts;
using RpcGenApp._1.Server;

// "try" needs no broker: server and client run in this process.
bool isTrial = args.FirstOrDefault() == "try";
string broker = isTrial ? "memory://try" : Environment.GetEnvironmentVariable("RPC_BROKER") is { Length: > 0 } given ? given : "amqp://guest:guest@localhost:5672/";
try
{
    await using RpcConnection connection = await RpcConnection.ConnectAsync(broker);
    await using RpcServer server = await connection.ServeAsync<IGreeter>(new Greeter(TimeProvider.System));
    if (isTrial)
    {
        Greeting greeting = await connection.CreateClient<IGreeter>().GreetAsync("world");
        Console.WriteLine(greeting.Text);
        return 0;
    }

    // Serve until Ctrl+C or SIGTERM. Running calls finish first; waiting requests go to other servers.
    var stopped = new TaskCompletionSource();
    using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
    using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
    Console.WriteLine("ready");
    await stopped.Task;
    return 0;

    void Stop(PosixSignalContext signal)
    {
        signal.Cancel = true;
        stopped.TrySetResult();
    }
}
catch (Exception e) when (e is RpcException or ArgumentException) // or the broker's address is invalid
{
    Console.Error.WriteLine($"{e.Message} To try the service without a broker: dotnet run --project RpcGenApp.1.Server -- try");
    return 1;
}
