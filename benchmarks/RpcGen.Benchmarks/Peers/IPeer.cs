using RpcGen.Benchmarks.Workloads;

namespace RpcGen.Benchmarks.Peers;

/// <summary>An RPC library to measure. Server and client use separate connections, and can run in separate processes.</summary>
internal interface IPeer
{
    /// <summary>The peer's name on the command line.</summary>
    string Name { get; }

    /// <summary>A description with the delivery guarantee, for the report.</summary>
    string Description { get; }

    /// <summary>Starts the server. Disposing the result stops it.</summary>
    Task<IAsyncDisposable> ServeAsync(PeerSite site);

    /// <summary>Connects a client to the server.</summary>
    Task<IPeerClient> ConnectAsync(PeerSite site);
}

/// <summary>Calls a peer's server. Thread-safe.</summary>
internal interface IPeerClient : IAsyncDisposable
{
    /// <summary>Adds.</summary>
    ValueTask<int> AddAsync(int a, int b);

    /// <summary>Returns the document.</summary>
    ValueTask<Document> EchoAsync(Document document);

    /// <summary>Switches on what runs only while this client is measured, because it would slow others down; null for nothing.</summary>
    IDisposable? BeginMeasuring() => null;
}

/// <summary>The address of a peer.</summary>
/// <param name="Broker">The broker's url.</param>
/// <param name="Name">A short unique name, which becomes part of queue names.</param>
/// <param name="Port">A free port of the loopback interface, for peers without a broker.</param>
internal sealed record PeerSite(string Broker, string Name, int Port);

/// <summary>Disposes several objects, the last one first.</summary>
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
