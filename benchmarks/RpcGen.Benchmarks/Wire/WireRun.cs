using RpcGen.Benchmarks.Peers;
using RpcGen.Benchmarks.Surroundings;
using RpcGen.Benchmarks.Workloads;

namespace RpcGen.Benchmarks.Wire;

/// <summary>Measures peers against each other: in every round, each scene is played by all peers, one right after the other.</summary>
internal sealed class WireRun(WireOptions options, Broker broker)
{
    private static readonly int FirstPort = Random.Shared.Next(12_000, 19_000); // below those that the system gives out
    private readonly List<(IPeer Peer, IPeerClient Client)> _clients = [];
    private ServerProcess? _serverProcess;

    /// <summary>Where each peer's two sides meet; the same in every process.</summary>
    public static IReadOnlyList<PeerSite> Sites(IReadOnlyList<IPeer> peers, string broker, int firstPort) =>
        [.. peers.Select((peer, index) => new PeerSite(broker, $"b{PeerCatalog.IndexOf(peer)}", firstPort + index))];

    /// <summary>Runs it all.</summary>
    public async Task<WireResults> RunAsync(CancellationToken cancellationToken)
    {
        var results = new WireResults();
        var parts = new List<IAsyncDisposable>();
        try
        {
            await StartAsync(parts);
            await PlayAsync("warm-up", 0, options.Duration, null, cancellationToken);
            for (int round = 1; round <= options.Rounds; round++)
            {
                await PlayAsync($"round {round} of {options.Rounds}", round, options.Duration, results, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("interrupted: what is measured so far is reported");
        }
        finally
        {
            await new Together([.. parts]).DisposeAsync();
        }

        return results;
    }

    private async Task StartAsync(List<IAsyncDisposable> parts)
    {
        IReadOnlyList<PeerSite> sites = Sites(options.Peers, broker.Url, FirstPort);
        if (options.HasServerProcess)
        {
            _serverProcess = await ServerProcess.StartAsync(broker.Url, options.Peers, FirstPort);
            parts.Add(_serverProcess);
        }

        foreach ((IPeer peer, PeerSite site) in options.Peers.Zip(sites))
        {
            if (_serverProcess is null)
            {
                parts.Add(await peer.ServeAsync(site));
            }

            IPeerClient client = await peer.ConnectAsync(site);
            parts.Add(client);
            _clients.Add((peer, client));
        }
    }

    private async Task PlayAsync(string name, int round, TimeSpan duration, WireResults? results, CancellationToken cancellationToken)
    {
        Console.Error.WriteLine(name);
        foreach (Scene scene in options.Scenes)
        {
            // Another peer comes first each time, so that none has the best place always.
            for (int i = 0; i < _clients.Count; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                (IPeer peer, IPeerClient client) = _clients[(i + round) % _clients.Count];
                GC.Collect();
                Measurement measurement = await new Load(client, scene).RunAsync(options.WarmUp, duration, () => Usage.ReadAsync(broker, _serverProcess));
                results?.Add(scene, peer, round, measurement);
            }
        }
    }
}
