using System.Text.RegularExpressions;

namespace RpcGen.EndToEnd.Tests.Harness;

/// <summary>
/// A RabbitMQ node in a network namespace of its own, so that packets to it and from it can be lost. Needs Linux, root and
/// iproute2.
/// </summary>
/// <remarks>
/// A packet is lost because its frame gets the hardware address of nobody: the receiver's kernel drops it, and the sender learns
/// nothing. That takes no kernel module, unlike packet filters.
/// </remarks>
public sealed class DistantRabbit : RabbitNode
{
    private const string Nobody = "02:00:00:00:00:99";

    private readonly int _subnet = Random.Shared.Next(1 << 12);
    private bool _isUp;

    /// <summary>The limit of docs/production.md on what is sent and not acknowledged.</summary>
    internal static string SocketOptions { get; } = Regex.Match(
        File.ReadAllText(Repository.File("docs", "production.md")), @"`\[\{rabbit, \[(\{tcp_listen_options, .*\})\]\}\]\.`").Groups[1].Value;

    protected override IEnumerable<string> StartArguments => ["--address", There, "--rabbit", SocketOptions];

    protected override IEnumerable<string> ScriptPrefix => ["ip", "netns", "exec", Name];

    private string Name => $"rpcgen{_subnet}";

    private string Near => $"rg{_subnet}a";

    private string Far => $"rg{_subnet}b";

    // 198.18.0.0/15 is reserved for tests of networks.
    private string Here => $"198.18.{_subnet >> 6}.{(_subnet & 63) * 4 + 1}";

    private string There => $"198.18.{_subnet >> 6}.{(_subnet & 63) * 4 + 2}";

    public override async ValueTask InitializeAsync()
    {
        if (NetworkNamespaces.Obstacle is not null)
        {
            return; // the tests are skipped
        }

        await NetworkNamespaces.RunAsync("netns", "add", Name);
        _isUp = true;
        await NetworkNamespaces.RunAsync("link", "add", Near, "type", "veth", "peer", "name", Far, "netns", Name);
        await NetworkNamespaces.RunAsync("address", "add", $"{Here}/30", "dev", Near);
        await NetworkNamespaces.RunAsync("link", "set", Near, "up");
        await NetworkNamespaces.RunAsync("-n", Name, "link", "set", "lo", "up");
        await NetworkNamespaces.RunAsync("-n", Name, "address", "add", $"{There}/30", "dev", Far);
        await NetworkNamespaces.RunAsync("-n", Name, "link", "set", Far, "up");
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        if (_isUp)
        {
            await base.DisposeAsync();
            await NetworkNamespaces.RunAsync("link", "delete", Near);
            await NetworkNamespaces.RunAsync("netns", "delete", Name);
        }
    }

    /// <summary>Loses the packets to the broker, from the broker, or both, from now on.</summary>
    public async Task LoseAsync(bool outgoing, bool incoming)
    {
        if (outgoing)
        {
            await NetworkNamespaces.RunAsync("neighbour", "replace", There, "lladdr", Nobody, "dev", Near, "nud", "permanent");
        }

        if (incoming)
        {
            await NetworkNamespaces.RunAsync("-n", Name, "neighbour", "replace", Here, "lladdr", Nobody, "dev", Far, "nud", "permanent");
        }
    }

    /// <summary>Loses no packets any more.</summary>
    public async Task RestoreAsync()
    {
        await NetworkNamespaces.RunAsync("neighbour", "flush", "dev", Near, "nud", "permanent");
        await NetworkNamespaces.RunAsync("-n", Name, "neighbour", "flush", "dev", Far, "nud", "permanent");
    }
}
