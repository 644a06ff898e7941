using Consumer.Contracts;
using Consumer.Server;
using RpcGen;

await using RpcConnection connection = await RpcConnection.ConnectAsync(args[0]);
await using RpcServer server = await connection.ServeAsync<IWarehouse>(new Warehouse(), new RpcServerOptions { Queue = args[1] });
await using RpcServer local = await connection.ServeAsync<ILocal>(new Local(), new RpcServerOptions { Queue = $"{args[1]}.local" });
Console.WriteLine("ready");
await Task.Delay(Timeout.Infinite);
