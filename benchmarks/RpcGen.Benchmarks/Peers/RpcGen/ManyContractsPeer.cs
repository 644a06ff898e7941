using RpcGen.Benchmarks.Workloads;

namespace RpcGen.Benchmarks.Peers.RpcGen;

/// <summary>Several contracts, each with a queue of its own, on one connection of a server and one of a client. The callers call them in turn.</summary>
internal sealed class ManyContractsPeer(string name, string description, int contracts) : IPeer
{
    public string Name => name;

    public string Description => description;

    public async Task<IAsyncDisposable> ServeAsync(PeerSite site)
    {
        RpcConnection connection = await RpcConnection.ConnectAsync(site.Broker);
        for (int i = 0; i < contracts; i++)
        {
            await connection.ServeAsync<ICalculator>(new CalculatorService(), new RpcServerOptions { Queue = $"{site.Name}.{i}" });
        }

        return connection;
    }

    public async Task<IPeerClient> ConnectAsync(PeerSite site)
    {
        RpcConnection connection = await RpcConnection.ConnectAsync(site.Broker);
        return new Client(connection, [.. Enumerable.Range(0, contracts).Select(i =>
            connection.CreateClient<ICalculator>(new RpcClientOptions { Queue = $"{site.Name}.{i}", Batching = false }))]);
    }

    private sealed class Client(RpcConnection connection, ICalculator[] calculators) : IPeerClient
    {
        private int _next;

        public ValueTask<int> AddAsync(int a, int b) => Next().AddAsync(a, b);

        public ValueTask<Document> EchoAsync(Document document) => Next().EchoAsync(document);

        public ValueTask DisposeAsync() => connection.DisposeAsync();

        private ICalculator Next() => calculators[(int)((uint)Interlocked.Increment(ref _next) % (uint)calculators.Length)];
    }
}
