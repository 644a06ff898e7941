using System.Diagnostics;
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
    private const string Port = "5672"; // nobody else is in the namespace

    private readonly int _subnet = Random.Shared.Next(1 << 12);
    private bool _isUp;

    /// <summary>Why these tests cannot run on this machine; null if they can.</summary>
    public static string? Obstacle => FoundObstacle.Value;

    private static readonly Lazy<string?> FoundObstacle = new(FindObstacle);

    private static string? FindObstacle() =>
        !OperatingSystem.IsLinux() ? "Needs network namespaces, which only Linux has."
        : !Environment.IsPrivilegedProcess ? "Needs root, to create a network namespace."
        : !File.Exists("/usr/sbin/ip") && !File.Exists("/sbin/ip") ? "Needs the program ip (package iproute2)."
        : TryNamespace();

    /// <summary>Containers can lack the right to create namespaces or links, also for root.</summary>
    private static string? TryNamespace()
    {
        string name = $"rpcgenprobe{Environment.ProcessId}";
        string link = $"rgp{Environment.ProcessId}";
        string error = Try("netns", "add", name) + Try("link", "add", link, "type", "veth", "peer", "name", link + "b", "netns", name);
        Try("link", "delete", link);
        Try("netns", "delete", name);
        return error.Length == 0 ? null : $"Needs the right to create network namespaces and links: {error.Trim()}";

        static string Try(params string[] arguments)
        {
            using Process process = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardError = true })!;
            string errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? "" : $"ip {string.Join(' ', arguments)}: {errors}";
        }
    }

    protected override IEnumerable<string> StartArguments =>
        ["--port", Port, "--rabbit", $"{{tcp_listeners, [{{\"127.0.0.1\", {Port}}}, {{\"{There}\", {Port}}}]}}, {SocketOptions}"];

    /// <summary>The limit of docs/production.md on what is sent and not acknowledged.</summary>
    private static string SocketOptions => Regex.Match(
        File.ReadAllText(Repository.File("docs", "production.md")), @"`\[\{rabbit, \[(\{tcp_listen_options, .*\})\]\}\]\.`").Groups[1].Value;

    protected override IEnumerable<string> ScriptPrefix => ["ip", "netns", "exec", Name];

    protected override string Address => There;

    private string Name => $"rpcgen{_subnet}";

    private string Near => $"rg{_subnet}a";

    private string Far => $"rg{_subnet}b";

    // 198.18.0.0/15 is reserved for tests of networks.
    private string Here => $"198.18.{_subnet >> 6}.{(_subnet & 63) * 4 + 1}";

    private string There => $"198.18.{_subnet >> 6}.{(_subnet & 63) * 4 + 2}";

    public override async ValueTask InitializeAsync()
    {
        if (Obstacle is not null)
        {
            return; // the tests are skipped
        }

        await RunAsync("netns", "add", Name);
        _isUp = true;
        await RunAsync("link", "add", Near, "type", "veth", "peer", "name", Far, "netns", Name);
        await RunAsync("address", "add", $"{Here}/30", "dev", Near);
        await RunAsync("link", "set", Near, "up");
        await RunAsync("-n", Name, "link", "set", "lo", "up");
        await RunAsync("-n", Name, "address", "add", $"{There}/30", "dev", Far);
        await RunAsync("-n", Name, "link", "set", Far, "up");
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        if (_isUp)
        {
            await base.DisposeAsync();
            await RunAsync("link", "delete", Near);
            await RunAsync("netns", "delete", Name);
        }
    }

    /// <summary>Loses the packets to the broker, from the broker, or both, from now on.</summary>
    public async Task LoseAsync(bool outgoing, bool incoming)
    {
        if (outgoing)
        {
            await RunAsync("neighbour", "replace", There, "lladdr", Nobody, "dev", Near, "nud", "permanent");
        }

        if (incoming)
        {
            await RunAsync("-n", Name, "neighbour", "replace", Here, "lladdr", Nobody, "dev", Far, "nud", "permanent");
        }
    }

    /// <summary>Loses no packets any more.</summary>
    public async Task RestoreAsync()
    {
        await RunAsync("neighbour", "flush", "dev", Near, "nud", "permanent");
        await RunAsync("-n", Name, "neighbour", "flush", "dev", Far, "nud", "permanent");
    }

    private static async Task RunAsync(params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardError = true })!;
        string errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Wait.Bound);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"ip {string.Join(' ', arguments)} failed: {errors}");
        }
    }
}
