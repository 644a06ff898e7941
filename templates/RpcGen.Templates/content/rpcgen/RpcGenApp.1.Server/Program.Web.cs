using Microsoft.Extensions.Options;
using RpcGen;
using RpcGenApp._1.Contracts;
using RpcGenApp._1.Server;

// "try" needs no broker: the endpoint calls the service in this process.
bool isTrial = args.FirstOrDefault() == "try";
string broker = isTrial ? "memory://try" : Environment.GetEnvironmentVariable("RPC_BROKER") is { Length: > 0 } given ? given : "amqp://guest:guest@localhost:5672/";

WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddRpcGen(broker).AddService<IGreeter, Greeter>().AddClient<IGreeter>();
builder.Services.AddHealthChecks().AddRpcGen();

WebApplication app = builder.Build();
app.MapHealthChecks("/health");
app.MapGet("/greet/{name}", async (string name, IGreeter greeter, CancellationToken cancellationToken) =>
    (await greeter.GreetAsync(name, cancellationToken)).Text);

try
{
    app.Services.GetRequiredService<IStartupValidator>().Validate();
}
catch (OptionsValidationException e) // a setting is invalid, such as the broker's address
{
    Console.Error.WriteLine(e.Message);
    return 1;
}

app.Run();
return 0;
