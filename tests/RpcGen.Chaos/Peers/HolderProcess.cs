using System.Globalization;

namespace RpcGen.Chaos.Peers;

/// <summary>
/// A process for tests that stop or kill it. For each heartbeat, it serves <see cref="IHolder"/> and calls that of the test. The queues are
/// <c>PREFIX.child.HEARTBEAT</c> and <c>PREFIX.test.HEARTBEAT</c>. It prints "ready", and one line for each of its calls that ends.
/// </summary>
internal static class HolderProcess
{
    /// <summary>The name that its calls are released by.</summary>
    public const string Name = "of the child";

    /// <summary>Runs until it is killed.</summary>
    /// <param name="url">The broker's address.</param>
    /// <param name="prefix">The prefix of the queues.</param>
    /// <param name="heartbeats">How often each connection says that it is alive, in milliseconds.</param>
    public static async Task RunAsync(string url, string prefix, string[] heartbeats)
    {
        foreach (string heartbeat in heartbeats)
        {
            var options = new RpcConnectionOptions { PeerHeartbeat = TimeSpan.FromMilliseconds(int.Parse(heartbeat, CultureInfo.InvariantCulture)) };
            RpcConnection connection = await RpcConnection.ConnectAsync(url, options);
            await connection.ServeAsync<IHolder>(new Holder("child"), new RpcServerOptions { Queue = $"{prefix}.child.{heartbeat}", MaxConcurrentCalls = 1 });
            IHolder test = connection.CreateClient<IHolder>(new RpcClientOptions { Queue = $"{prefix}.test.{heartbeat}" });
            _ = PrintAsync($"wait {heartbeat}", test.WaitAsync(Name));
            _ = PrintAsync($"sum {heartbeat}", test.SumAsync(Name, AsyncEnumerable.Range(1, 4)));
            _ = PrintAsync($"count {heartbeat}", test.CountAsync(Name).CountAsync().AsTask());
        }

        Console.WriteLine("ready");
        await Task.Delay(Timeout.Infinite);
    }

    private static async Task PrintAsync<T>(string call, Task<T> task)
    {
        string outcome;
        try
        {
            outcome = $"{await task}";
        }
        catch (RpcException e)
        {
            outcome = e.GetType().Name;
        }

        Console.WriteLine($"{call}: {outcome}");
    }
}
