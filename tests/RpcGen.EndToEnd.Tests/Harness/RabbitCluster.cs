namespace RpcGen.EndToEnd.Tests.Harness;

/// <summary>
/// A cluster of three RabbitMQ nodes, each in a network namespace of its own. A bridge connects them with each other and with the
/// tests. Needs what <see cref="NetworkNamespaces"/> need.
/// </summary>
public sealed class RabbitCluster : IAsyncLifetime
{
    private const int Size = 3;

    private readonly int _number = Random.Shared.Next(256);
    private bool _isUp;

    public RabbitCluster() => Nodes = [.. Enumerable.Range(1, Size).Select(number => new ClusterNode(this, number))];

    public IReadOnlyList<ClusterNode> Nodes { get; }

    /// <summary>A connection string with all nodes, of which this one comes first.</summary>
    public string GetUrl(int first = 0) =>
        $"amqp://guest:guest@{string.Join(',', Nodes.Skip(first).Concat(Nodes.Take(first)).Select(node => new Uri(node.Url).Authority.Split('@')[^1]))}/";

    internal string Bridge => $"rgc{_number}";

    // 198.18.0.0/15 is reserved for tests of networks; the lower half belongs to DistantRabbit.
    internal string Subnet => $"198.19.{_number}";

    internal string Cookie { get; } = Guid.NewGuid().ToString("N");

    public async ValueTask InitializeAsync()
    {
        if (NetworkNamespaces.Obstacle is not null)
        {
            return; // the tests are skipped
        }

        await NetworkNamespaces.RunAsync("link", "add", Bridge, "type", "bridge");
        _isUp = true;
        await NetworkNamespaces.RunAsync("address", "add", $"{Subnet}.254/24", "dev", Bridge);
        await NetworkNamespaces.RunAsync("link", "set", Bridge, "up");
        await Nodes[0].InitializeAsync(); // the others join it
        await Task.WhenAll(Nodes.Skip(1).Select(node => node.InitializeAsync().AsTask()));
    }

    public async ValueTask DisposeAsync()
    {
        if (_isUp)
        {
            await Task.WhenAll(Nodes.Select(node => node.DisposeAsync().AsTask()));
            await NetworkNamespaces.RunAsync("link", "delete", Bridge);
        }
    }

    /// <summary>Waits until all nodes see each other, and serve.</summary>
    public Task UntilCompleteAsync() => UntilAsync(Nodes, Size, "all nodes of the cluster run");

    /// <summary>Waits until the other nodes go on without a node.</summary>
    public Task UntilNoticedAsync(ClusterNode away) => UntilAsync([.. Nodes.Where(node => node != away)], Size - 1, $"the cluster goes on without {away.Name}");

    /// <summary>Sets after how long the nodes are without one that is silent.</summary>
    public Task SetTickTimeAsync(int seconds) => Task.WhenAll(Nodes.Select(node => node.EvalAsync($"net_kernel:set_net_ticktime({seconds}, 0).")));

    private static Task UntilAsync(IReadOnlyList<ClusterNode> nodes, int running, string what) => Wait.UntilAsync(
        async () =>
        {
            foreach (ClusterNode node in nodes)
            {
                if (await node.CountRunningAsync() != running)
                {
                    return false;
                }
            }

            return true;
        },
        what);

    /// <summary>How each node that can be asked sees the cluster, a line each.</summary>
    public async Task<string> DescribeAsync() => string.Join(Environment.NewLine, await Task.WhenAll(Nodes.Select(async node => $"{node.Name} sees {await node.DescribeAsync()}")));
}
