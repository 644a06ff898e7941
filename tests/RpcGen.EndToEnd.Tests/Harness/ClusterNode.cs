using System.Globalization;

namespace RpcGen.EndToEnd.Tests.Harness;

/// <summary>A node of a <see cref="RabbitCluster"/>.</summary>
public sealed class ClusterNode(RabbitCluster cluster, int number) : RabbitNode
{
    /// <summary>A node that is silent is out of the cluster after about as long; by default, after 45 to 75 s.</summary>
    public const int TickSeconds = 5;

    private bool _hasLink;
    private bool _hasNamespace;

    public string Name => $"node {number}";

    public string Address => $"{cluster.Subnet}.{number}";

    protected override IEnumerable<string> ScriptPrefix => ["ip", "netns", "exec", Namespace];

    /// <summary>As docs/production.md says.</summary>
    protected override IEnumerable<string> StartArguments =>
    [
        "--address", Address, "--cookie", cluster.Cookie,
        .. number == 1 ? Array.Empty<string>() : ["--cluster", $"{cluster.Subnet}.1,{Address}"],
        "--rabbit", $"{DistantRabbit.SocketOptions}, {{cluster_partition_handling, pause_minority}}",
        "--config", $"{{kernel, [{{net_ticktime, {TickSeconds}}}]}}",
    ];

    /// <summary>Newer versions have no Mnesia, whose partitions do not end by themselves.</summary>
    private static string Partitions => "case erlang:function_exported(rabbit_node_monitor, partitions, 0) of true -> rabbit_node_monitor:partitions(); _ -> [] end";

    private string Namespace => $"{cluster.Bridge}n{number}";

    public override async ValueTask InitializeAsync()
    {
        await NetworkNamespaces.RunAsync("netns", "add", Namespace);
        _hasNamespace = true;
        await NetworkNamespaces.RunAsync("link", "add", Namespace, "type", "veth", "peer", "name", "eth0", "netns", Namespace);
        _hasLink = true;
        await NetworkNamespaces.RunAsync("link", "set", Namespace, "master", cluster.Bridge, "up");
        await NetworkNamespaces.RunAsync("-n", Namespace, "address", "add", $"{Address}/24", "dev", "eth0");
        await NetworkNamespaces.RunAsync("-n", Namespace, "link", "set", "lo", "up");
        await NetworkNamespaces.RunAsync("-n", Namespace, "link", "set", "eth0", "up");
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        try
        {
            await base.DisposeAsync();
        }
        finally // also after a test that failed while the node was down
        {
            if (_hasLink)
            {
                await NetworkNamespaces.RunAsync("link", "delete", Namespace);
            }

            if (_hasNamespace)
            {
                await NetworkNamespaces.RunAsync("netns", "delete", Namespace);
            }
        }
    }

    /// <summary>Loses all packets to and from the node.</summary>
    public Task CutOffAsync() => NetworkNamespaces.RunAsync("link", "set", Namespace, "nomaster");

    /// <summary>Loses no packets any more.</summary>
    public Task ReconnectAsync() => NetworkNamespaces.RunAsync("link", "set", Namespace, "master", cluster.Bridge);

    /// <summary>How many connections of clients the node has.</summary>
    public Task<int> CountConnectionsAsync() => CountAsync("rabbit_networking:local_connections()");

    /// <summary>How many nodes of the cluster run as this one sees it; 0 while it does not, or sees the others as after a partition.</summary>
    /// <remarks>A node that is cut off pauses: it does not run.</remarks>
    public Task<int> CountRunningAsync() =>
        CountAsync($"case rabbit:is_running() andalso {Partitions} of [] -> [N || N <- [node() | nodes()], rabbit:is_running(N)]; _ -> [] end");

    /// <summary>Whether the node has noticed that it is alone, and has paused if its version does that.</summary>
    /// <remarks>
    /// Until its database has stopped, a node that is connected again finds the others there before it has paused. They then
    /// are partitioned for good: they wait for an operator.
    /// </remarks>
    public async Task<bool> IsAloneAsync() =>
        await CountRunningAsync() <= 1 && (await EvalAsync("whereis(mnesia_sup).")).Contains("undefined", StringComparison.Ordinal);

    /// <summary>How the node sees the cluster.</summary>
    public Task<string> DescribeAsync() => EvalAsync($"[{{running, rabbit:is_running()}}, {{nodes, nodes()}}, {{partitions, {Partitions}}}].");

    private async Task<int> CountAsync(string list) => int.Parse(await EvalAsync($"length({list})."), CultureInfo.InvariantCulture);
}
