using RpcGen;
using RpcGenApp._1.Contracts;

string broker = Environment.GetEnvironmentVariable("RPC_BROKER") is { Length: > 0 } given ? given : "amqp://guest:guest@localhost:5672/";
try
{
    await using RpcConnection connection = await RpcConnection.ConnectAsync(broker);
    IGreeter greeter = connection.CreateClient<IGreeter>();
    Greeting greeting = await greeter.GreetAsync(args.FirstOrDefault() ?? "world");
    Console.WriteLine(greeting.Text);
    return 0;
}
catch (NotWelcomeException e)
{
    Console.WriteLine($"{e.Name} is not welcome: {e.Message}");
    return 1;
}
catch (Exception e) when (e is RpcException or ArgumentException) // or the broker's address is invalid
{
    Console.WriteLine(e.Message); // the message says what happened and what to do
    return 2;
}
