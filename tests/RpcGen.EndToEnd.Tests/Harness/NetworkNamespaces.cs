using System.Diagnostics;

namespace RpcGen.EndToEnd.Tests.Harness;

/// <summary>Network namespaces and links between them, by the program <c>ip</c>.</summary>
internal static class NetworkNamespaces
{
    /// <summary>Why tests with network namespaces cannot run on this machine; null if they can.</summary>
    public static string? Obstacle => FoundObstacle.Value;

    private static readonly Lazy<string?> FoundObstacle = new(FindObstacle);

    /// <summary>Runs <c>ip</c>.</summary>
    public static async Task RunAsync(params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardError = true })!;
        string errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Wait.Bound);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"ip {string.Join(' ', arguments)} failed: {errors}");
        }
    }

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
        string error = Try("netns", "add", name) + Try("link", "add", link, "type", "veth", "peer", "name", link + "b", "netns", name)
            + Try("link", "add", link + "c", "type", "bridge");
        Try("link", "delete", link + "c");
        Try("link", "delete", link);
        Try("netns", "delete", name);
        return error.Length == 0 ? null : $"Needs the right to create network namespaces, links and bridges: {error.Trim()}";

        static string Try(params string[] arguments)
        {
            using Process process = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardError = true })!;
            string errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? "" : $"ip {string.Join(' ', arguments)}: {errors}";
        }
    }
}
