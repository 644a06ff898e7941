using System.Text;

namespace RpcGen.Benchmarks.Growth;

/// <summary>Measures the memory of connections, clients and servers that do nothing: what the heap grows by, divided by their number.</summary>
internal sealed class IdleRun(string broker, StringBuilder text)
{
    private const int Connections = 50;
    private const int Contracts = 200;

    public async Task RunAsync()
    {
        Console.Error.WriteLine("idle");
        text.AppendLine().AppendLine("## idle").AppendLine().AppendLine("| idle | KiB each |").AppendLine("|---|---|");
        await using RpcConnection first = await RpcConnection.ConnectAsync(broker);
        await using RpcConnection serving = await RpcConnection.ConnectAsync(broker);
        await ServeAsync(serving, "growth.idle");
        await CallAsync(first, "growth.idle"); // what a process needs once

        await MeasureAsync("connection that has made a call", Connections, async i =>
        {
            RpcConnection connection = await RpcConnection.ConnectAsync(broker);
            await CallAsync(connection, "growth.idle");
            return connection;
        });
        await MeasureAsync("connection that serves a contract", Connections, async i =>
        {
            RpcConnection connection = await RpcConnection.ConnectAsync(broker);
            await ServeAsync(connection, $"growth.idle.alone.{i}");
            return connection;
        });
        await MeasureAsync("further contract served on a connection", Contracts, async i =>
        {
            await ServeAsync(serving, $"growth.idle.{i}");
            return null;
        });
        await MeasureAsync("further client on a connection, that has made a call", Contracts, i => CallAsync(first, $"growth.idle.{i}"));
    }

    private static async Task ServeAsync(RpcConnection connection, string queue) =>
        await connection.ServeAsync<IGrowth>(new GrowthService(Task.CompletedTask), new RpcServerOptions { Queue = queue });

    private static async Task<object?> CallAsync(RpcConnection connection, string queue)
    {
        IGrowth client = connection.CreateClient<IGrowth>(new RpcClientOptions { Queue = queue });
        await client.AddAsync(1, 2);
        return client;
    }

    private async Task MeasureAsync(string what, int count, Func<int, Task<object?>> start)
    {
        long before = Memory();
        var started = new object?[count];
        for (int i = 0; i < count; i++)
        {
            started[i] = await start(i);
        }

        long after = Memory();
        text.AppendLine($"| {what} | {(after - before) / 1024.0 / count:0.0} |");
        foreach (IAsyncDisposable connection in started.OfType<IAsyncDisposable>())
        {
            await connection.DisposeAsync();
        }
    }

    private static long Memory()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
