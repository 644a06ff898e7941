using RpcGen.Chaos.History;

namespace RpcGen.Chaos.Workers;

/// <summary>
/// A process that calls or serves until its standard input ends. It writes its history to a file. Exit code 0 after that;
/// <see cref="Refused"/> if the broker refused to let it serve, after which it is started again.
/// </summary>
internal static class WorkerProcess
{
    /// <summary>The time limit of each call.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>The exit code of a server that was refused.</summary>
    public const int Refused = 3;

    /// <summary>The queue that everyone uses.</summary>
    public const string Queue = "chaos.anvil";

    /// <summary>Three times this is shorter than the longest time for which a process is stopped: some peers are lost, others are not.</summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Runs a worker.</summary>
    /// <param name="role"><c>server</c> or <c>client</c>.</param>
    /// <param name="url">The broker's address.</param>
    /// <param name="historyPath">Where the history goes.</param>
    /// <param name="number">The process's number.</param>
    /// <param name="seed">Decides what its callers do.</param>
    public static async Task<int> RunAsync(string role, string url, string historyPath, int number, int seed)
    {
        using var end = new CancellationTokenSource();
        _ = Task.Run(() =>
        {
            while (Console.In.ReadLine() is not null)
            {
            }

            end.Cancel();
        });
        using var history = new HistoryWriter(historyPath);
        try
        {
            await using RpcConnection connection = await ConnectAsync(url, end.Token);
            return role == "server" ? await ServeAsync(connection, history, end.Token) : await new Callers(connection, history, number, seed).RunAsync(end.Token);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            return 0;
        }
    }

    /// <summary>The broker can be away when a process starts.</summary>
    private static async Task<RpcConnection> ConnectAsync(string url, CancellationToken end)
    {
        while (true)
        {
            try
            {
                return await RpcConnection.ConnectAsync(url, new RpcConnectionOptions { PeerHeartbeat = Heartbeat }, end);
            }
            catch (RpcException e) when (e is RpcConnectionException or RpcAccessDeniedException)
            {
                await Console.Error.WriteLineAsync($"not connected: {e.Message}");
                await Task.Delay(Pause, end);
            }
        }
    }

    private static async Task<int> ServeAsync(RpcConnection connection, HistoryWriter history, CancellationToken end)
    {
        RpcServer server;
        try
        {
            server = await connection.ServeAsync<IAnvil>(new Anvil(history), new RpcServerOptions { Queue = Queue, GracePeriod = TimeSpan.FromSeconds(2) }, end);
        }
        catch (RpcException e)
        {
            await Console.Error.WriteLineAsync($"not serving: {e.Message}");
            return Refused;
        }

        await using (server)
        {
            await Task.WhenAny(server.Completion, Task.Delay(System.Threading.Timeout.Infinite, end));
            if (server.Completion.IsFaulted)
            {
                await Console.Error.WriteLineAsync($"serves no more: {server.Completion.Exception.InnerException!.Message}");
                return Refused;
            }
        }

        return 0;
    }
}
