using RpcGen.Benchmarks.Workloads;

namespace RpcGen.Benchmarks.Peers.RpcGen;

/// <summary>RpcGen with its defaults.</summary>
/// <typeparam name="TContract">The contract, which decides the delivery guarantee.</typeparam>
internal abstract class RpcGenPeer<TContract>(string name, string description, int servers = 1, bool batching = true, RpcQueueType queueType = RpcQueueType.Classic) : IPeer
    where TContract : class, IRpcContract<TContract>
{
    public string Name => name;

    public string Description => description;

    public async Task<IAsyncDisposable> ServeAsync(PeerSite site)
    {
        var connections = new List<IAsyncDisposable>();
        for (int i = 0; i < servers; i++)
        {
            RpcConnection connection = await RpcConnection.ConnectAsync(site.Broker);
            await connection.ServeAsync((TContract)(object)new CalculatorService(), new RpcServerOptions { Queue = site.Name, QueueType = queueType });
            connections.Add(connection);
        }

        return new Together([.. connections]);
    }

    public async Task<IPeerClient> ConnectAsync(PeerSite site)
    {
        RpcConnection connection = await RpcConnection.ConnectAsync(site.Broker);
        return CreateClient(connection, connection.CreateClient<TContract>(new RpcClientOptions { Queue = site.Name, Batching = batching }));
    }

    protected abstract IPeerClient CreateClient(RpcConnection connection, TContract calculator);
}

/// <summary>At least once.</summary>
internal sealed class DefaultRpcGenPeer(string name, string description, int servers = 1, bool batching = true, RpcQueueType queueType = RpcQueueType.Classic)
    : RpcGenPeer<ICalculator>(name, description, servers, batching, queueType)
{
    protected override IPeerClient CreateClient(RpcConnection connection, ICalculator calculator) => new Client(connection, calculator);

    private sealed class Client(RpcConnection connection, ICalculator calculator) : IPeerClient
    {
        public ValueTask<int> AddAsync(int a, int b) => calculator.AddAsync(a, b);

        public ValueTask<Document> EchoAsync(Document document) => calculator.EchoAsync(document);

        public ValueTask DisposeAsync() => connection.DisposeAsync();
    }
}

/// <summary>At most once, unbatched.</summary>
internal sealed class AtMostOnceRpcGenPeer(string name, string description) : RpcGenPeer<IAtMostOnceCalculator>(name, description, batching: false)
{
    protected override IPeerClient CreateClient(RpcConnection connection, IAtMostOnceCalculator calculator) => new Client(connection, calculator);

    private sealed class Client(RpcConnection connection, IAtMostOnceCalculator calculator) : IPeerClient
    {
        public ValueTask<int> AddAsync(int a, int b) => calculator.AddAsync(a, b);

        public ValueTask<Document> EchoAsync(Document document) => calculator.EchoAsync(document);

        public ValueTask DisposeAsync() => connection.DisposeAsync();
    }
}

/// <summary>Idempotent.</summary>
internal sealed class IdempotentRpcGenPeer(string name, string description) : RpcGenPeer<IIdempotentCalculator>(name, description)
{
    protected override IPeerClient CreateClient(RpcConnection connection, IIdempotentCalculator calculator) => new Client(connection, calculator);

    private sealed class Client(RpcConnection connection, IIdempotentCalculator calculator) : IPeerClient
    {
        public ValueTask<int> AddAsync(int a, int b) => calculator.AddAsync(a, b);

        public ValueTask<Document> EchoAsync(Document document) => calculator.EchoAsync(document);

        public ValueTask DisposeAsync() => connection.DisposeAsync();
    }
}
