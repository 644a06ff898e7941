using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using RpcGen;
using RpcGenApp._1.Contracts;
using RpcGenApp._1.Server;

// "try" needs no broker: server and client run in this process.
bool isTrial = args.FirstOrDefault() == "try";
string broker = isTrial ? "memory://try" : Environment.GetEnvironmentVariable("RPC_BROKER") is { Length: > 0 } given ? given : "amqp://guest:guest@localhost:5672/";

HostApplicationBuilder builder = Host.CreateApplicationBuilder(args);
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddRpcGen(broker).AddService<IGreeter, Greeter>().AddClient<IGreeter>();
using IHost host = builder.Build();
try
{
    host.Services.GetRequiredService<IStartupValidator>().Validate();
}
catch (OptionsValidationException e) // a setting is invalid, such as the broker's address
{
    Console.Error.WriteLine(e.Message);
    return 1;
}

if (!isTrial)
{
    await host.RunAsync(); // waits for the broker, and serves until Ctrl+C or SIGTERM
    return 0;
}

await host.StartAsync();
Greeting greeting = await host.Services.GetRequiredService<IGreeter>().GreetAsync("world");
Console.WriteLine(greeting.Text);
await host.StopAsync();
return 0;
