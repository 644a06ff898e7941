using RpcGen.Benchmarks.Peers;
using RpcGen.Benchmarks.Surroundings;
using RpcGen.Benchmarks.Workloads;

namespace RpcGen.Benchmarks.Wire;

/// <summary>Measures peers against each other: in every round, all peers run each scene, one right after the other.</summary>
internal sealed class WireRun(WireOptions options, Broker broker)
{
    private static readonly int FirstPort = Random.Shared.Next(12_000, 19_000); // below the range that the system assigns
    private readonly List<(IPeer Peer, IPeerClient Client)> _clients = [];
    private ServerProcess? _serverProcess;

    /// <summary>The address of each peer, the same in every process.</summary>
    public static IReadOnlyList<PeerSite> Sites(IReadOnlyList<IPeer> peers, string broker, int firstPort) =>
        [.. peers.Select((peer, index) => new PeerSite(broker, $"b{PeerCatalog.IndexOf(peer)}", firstPort + index))];

    /// <summary>Runs all rounds.</summary>
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
            Console.Error.WriteLine("interrupted: reporting the measurements so far");
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
            // A different peer comes first each time, so that no peer always has the best position.
            for (int i = 0; i < _clients.Count; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                (IPeer peer, IPeerClient client) = _clients[(i + round) % _clients.Count];
                GC.Collect();
                using IDisposable? surroundings = client.BeginMeasuring();
                Measurement measurement = await new Load(client, scene).RunAsync(options.WarmUp, duration, () => Usage.ReadAsync(broker, _serverProcess));
                results?.Add(scene, peer, round, measurement);
            }
        }
    }
}
