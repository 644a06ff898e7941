using RpcGen;
using RpcGenApp._1.Contracts;

string broker = Environment.GetEnvironmentVariable("RPC_BROKER") ?? "amqp://guest:guest@localhost:5672/";
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
catch (RpcException e)
{
    Console.WriteLine(e.Message); // the message says what happened and what to do
    return 2;
}
