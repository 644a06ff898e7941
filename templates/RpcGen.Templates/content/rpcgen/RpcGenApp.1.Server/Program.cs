using System.Runtime.InteropServices;
using RpcGen;
using RpcGenApp._1.Contracts;
using RpcGenApp._1.Server;

string broker = Environment.GetEnvironmentVariable("RPC_BROKER") ?? "amqp://guest:guest@localhost:5672/";
await using RpcConnection connection = await RpcConnection.ConnectAsync(broker);
await using RpcServer server = await connection.ServeAsync<IGreeter>(new Greeter(TimeProvider.System));

// Serve until Ctrl+C or SIGTERM. Running calls finish first; waiting requests go to other servers.
var stopped = new TaskCompletionSource();
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
Console.WriteLine("ready");
await stopped.Task;

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stopped.TrySetResult();
}
