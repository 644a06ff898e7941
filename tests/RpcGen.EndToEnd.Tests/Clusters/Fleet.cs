using Microsoft.Extensions.Logging;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Clusters;

/// <summary>Servers and clients of two queues, on all nodes of a cluster. The clients call all the time, in each way.</summary>
internal sealed class Fleet(RabbitCluster cluster, CallLedger ledger, ILoggerFactory log)
{
    /// <summary>How many clients there are.</summary>
    public const int Clients = 4;

    /// <summary>Between the calls of a caller: the load is that of many callers, not all that the machine can do.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource _end = new();
    private readonly List<Task> _callers = [];
    private readonly List<RpcConnection> _connections = [];

    /// <summary>The time limit of each call.</summary>
    public static TimeSpan Timeout { get; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether a client is connected to this node at first.</summary>
    public bool IsOn(int client, ClusterNode node) => cluster.Nodes[client % cluster.Nodes.Count] == node;

    /// <summary>Starts a server on each node, then the clients.</summary>
    public async Task StartAsync(string quorum, string classic, CancellationToken cancellationToken)
    {
        for (int server = 0; server < cluster.Nodes.Count; server++)
        {
            RpcConnection connection = await ConnectAsync(server, cancellationToken);
            await connection.ServeAsync<IForge>(new Forge(ledger), new RpcServerOptions { Queue = quorum, QueueType = RpcQueueType.Quorum }, cancellationToken);
            await connection.ServeAsync<IForge>(new Forge(ledger), new RpcServerOptions { Queue = classic }, cancellationToken);
        }

        for (int client = 0; client < Clients; client++)
        {
            RpcConnection connection = await ConnectAsync(client, cancellationToken);
            Start(client, connection, quorum);
            Start(client, connection, classic);
        }
    }

    /// <summary>Makes no more calls, and waits until the last ones have ended.</summary>
    public async Task StopCallingAsync()
    {
        await _end.CancelAsync();
        await Task.WhenAll(_callers);
    }

    /// <summary>Stops clients and servers.</summary>
    public async Task StopAsync()
    {
        await StopCallingAsync();
        foreach (RpcConnection connection in Enumerable.Reverse(_connections))
        {
            await connection.DisposeAsync();
        }

        _end.Dispose();
    }

    private async Task<RpcConnection> ConnectAsync(int number, CancellationToken cancellationToken)
    {
        var options = new RpcConnectionOptions { LoggerFactory = log, HostSelection = RpcHostSelection.InOrder };
        RpcConnection connection = await RpcConnection.ConnectAsync(cluster.GetUrl(first: number % cluster.Nodes.Count), options, cancellationToken);
        _connections.Add(connection);
        return connection;
    }

    /// <summary>Starts one caller for each promise.</summary>
    private void Start(int number, RpcConnection connection, string queue)
    {
        IForge client = connection.CreateClient<IForge>(new RpcClientOptions { Queue = queue, Timeout = Timeout });
        foreach (Promise promise in Enum.GetValues<Promise>())
        {
            int caller = _callers.Count;
            _callers.Add(Task.Run(() => CallAsync(client, () => ledger.Begin(promise, queue, number, caller))));
        }
    }

    private async Task CallAsync(IForge client, Func<CallRecord> begin)
    {
        while (!_end.IsCancellationRequested)
        {
            CallRecord call = begin();
            try
            {
                int? answer = await CallAsync(client, call);
                call.End = new CallEnd(ledger.Now, answer, null);
            }
            catch (Exception e) // of any type: the checks decide
            {
                call.End = new CallEnd(ledger.Now, null, e);
            }

            await Task.Delay(Pause);
        }
    }

    private static async Task<int?> CallAsync(IForge client, CallRecord call)
    {
        switch (call.Promise)
        {
            case Promise.Plain:
                return await client.DoAsync(call.Id);
            case Promise.Idempotent:
                return await client.DoIdempotentlyAsync(call.Id);
            case Promise.AtMostOnce:
                return await client.DoOnceAsync(call.Id);
            default:
                await client.SendAsync(call.Id);
                return null;
        }
    }

    /// <summary>Notes that its calls run.</summary>
    private sealed class Forge(CallLedger ledger) : IForge
    {
        public Task<int> DoAsync(int call, CancellationToken cancellationToken) => RunAsync(call);

        public Task<int> DoIdempotentlyAsync(int call, CancellationToken cancellationToken) => RunAsync(call);

        public Task<int> DoOnceAsync(int call, CancellationToken cancellationToken) => RunAsync(call);

        public Task SendAsync(int call, CancellationToken cancellationToken) => RunAsync(call);

        private Task<int> RunAsync(int call)
        {
            ledger.AddRun(call);
            return Task.FromResult(call);
        }
    }
}
