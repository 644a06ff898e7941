using RpcGen.Benchmarks.Peers;
using RpcGen.Benchmarks.Workloads;

namespace RpcGen.Benchmarks.Growth;

/// <summary>Servers and clients for one point of a curve.</summary>
internal sealed class GrowthSite : IPeerClient
{
    private readonly List<RpcConnection> _connections = [];
    private readonly List<IGrowth> _clients = [];
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string _text = "";
    private int _next;

    private GrowthSite()
    {
    }

    public IGrowth Client => _clients[0];

    /// <param name="broker">The broker's url.</param>
    /// <param name="contracts">The number of queues, each with its own server and client.</param>
    /// <param name="servers">The number of connections that serve every queue.</param>
    /// <param name="connections">The number of connections that call, in turn.</param>
    /// <param name="payload">The number of characters to echo.</param>
    /// <param name="batching">Whether calls can share messages. Calls of different contracts never do.</param>
    public static async Task<GrowthSite> StartAsync(string broker, int contracts = 1, int servers = 1, int connections = 1, int payload = 10, bool batching = true)
    {
        var site = new GrowthSite { _text = new string('x', payload) };
        for (int server = 0; server < servers; server++)
        {
            RpcConnection connection = await site.ConnectAsync(broker);
            for (int contract = 0; contract < contracts; contract++)
            {
                await connection.ServeAsync<IGrowth>(new GrowthService(site._release.Task), new RpcServerOptions { Queue = $"growth.{contract}" });
            }
        }

        for (int i = 0; i < connections; i++)
        {
            RpcConnection connection = await site.ConnectAsync(broker);
            for (int contract = 0; contract < contracts; contract++)
            {
                site._clients.Add(connection.CreateClient<IGrowth>(new RpcClientOptions { Queue = $"growth.{contract}", Batching = batching }));
            }
        }

        return site;
    }

    public ValueTask<int> AddAsync(int a, int b) => Next().AddAsync(a, b);

    public async ValueTask<Document> EchoAsync(Document document) =>
        (await Next().EchoAsync(_text)).Length == _text.Length ? document : throw new InvalidOperationException("The reply is wrong.");

    public void Release() => _release.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        Release();
        for (int i = _connections.Count - 1; i >= 0; i--)
        {
            await _connections[i].DisposeAsync(); // callers first
        }
    }

    private IGrowth Next() => _clients.Count == 1 ? _clients[0] : _clients[(int)((uint)Interlocked.Increment(ref _next) % (uint)_clients.Count)];

    private async Task<RpcConnection> ConnectAsync(string broker)
    {
        RpcConnection connection = await RpcConnection.ConnectAsync(broker);
        _connections.Add(connection);
        return connection;
    }
}
