using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace RpcGen.EndToEnd.Tests.Harness;

/// <summary>HAProxy before a broker that is not there.</summary>
internal sealed class LoadBalancer : IAsyncDisposable
{
    private const string Program = "/usr/sbin/haproxy";

    private readonly Process _process;
    private readonly string _settings;

    private LoadBalancer(Process process, string settings, int port)
    {
        _process = process;
        _settings = settings;
        Port = port;
    }

    /// <summary>Why tests with it cannot run on this machine; null if they can.</summary>
    public static string? Obstacle => File.Exists(Program) ? null : "Needs HAProxy (package haproxy).";

    public int Port { get; }

    public static async Task<LoadBalancer> StartAsync()
    {
        int port = FreePort();
        string settings = Path.GetTempFileName();
        await File.WriteAllTextAsync(
            settings,
            $"defaults\n  mode tcp\n  timeout connect 1s\n  timeout client 10s\n  timeout server 10s\n  retries 0\nlisten amqp\n  bind 127.0.0.1:{port}\n  server broker 127.0.0.1:{FreePort()} check inter 100ms\n");
        var process = Process.Start(new ProcessStartInfo(Program, ["-db", "-f", settings]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        var balancer = new LoadBalancer(process, settings, port);
        await Wait.UntilAsync(balancer.IsListeningAsync, "HAProxy listens");
        return balancer;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        File.Delete(_settings);
    }

    private async Task<bool> IsListeningAsync()
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
