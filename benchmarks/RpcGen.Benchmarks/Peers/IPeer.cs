using RpcGen.Benchmarks.Workloads;

namespace RpcGen.Benchmarks.Peers;

/// <summary>One way of calling. Server and client use connections of their own, and may run in processes of their own.</summary>
internal interface IPeer
{
    /// <summary>What selects it on the command line.</summary>
    string Name { get; }

    /// <summary>What it is and what it promises, for the report.</summary>
    string Description { get; }

    /// <summary>Starts to serve; disposal stops it.</summary>
    Task<IAsyncDisposable> ServeAsync(PeerSite site);

    /// <summary>Connects a client to what is served.</summary>
    Task<IPeerClient> ConnectAsync(PeerSite site);
}

/// <summary>Calls a peer's server. Thread-safe.</summary>
internal interface IPeerClient : IAsyncDisposable
{
    /// <summary>Adds.</summary>
    ValueTask<int> AddAsync(int a, int b);

    /// <summary>Gives the document back.</summary>
    ValueTask<Document> EchoAsync(Document document);
}

/// <summary>Where the two sides of a peer meet.</summary>
/// <param name="Broker">The broker's url.</param>
/// <param name="Name">Unique among the peers of a run and short, for it becomes part of queue names.</param>
/// <param name="Port">A free port of the loopback interface, for peers without a broker.</param>
internal sealed record PeerSite(string Broker, string Name, int Port);

/// <summary>Several things that are disposed together, the last one first.</summary>
internal sealed class Together(params IAsyncDisposable[] parts) : IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable part in parts.Reverse())
        {
            await part.DisposeAsync();
        }
    }
}
