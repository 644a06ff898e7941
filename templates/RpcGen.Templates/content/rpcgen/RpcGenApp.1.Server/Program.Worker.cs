using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RpcGen;
using RpcGenApp._1.Contracts;
using RpcGenApp._1.Server;

// "try" needs no broker: server and client run in this process.
bool isTrial = args.FirstOrDefault() == "try";
string broker = isTrial ? "memory://try" : Environment.GetEnvironmentVariable("RPC_BROKER") ?? "amqp://guest:guest@localhost:5672/";

HostApplicationBuilder builder = Host.CreateApplicationBuilder(args);
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddRpcGen(broker).AddService<IGreeter, Greeter>().AddClient<IGreeter>();
using IHost host = builder.Build();
if (!isTrial)
{
    await host.RunAsync(); // waits for the broker, and serves until Ctrl+C or SIGTERM
    return;
}

await host.StartAsync();
Greeting greeting = await host.Services.GetRequiredService<IGreeter>().GreetAsync("world");
Console.WriteLine(greeting.Text);
await host.StopAsync();
