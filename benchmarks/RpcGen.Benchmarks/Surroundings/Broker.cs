using System.Diagnostics;
using System.Globalization;
using System.Text;
using RabbitMQ.Client;

namespace RpcGen.Benchmarks.Surroundings;

/// <summary>The broker of a run: a private one that is started and stopped with the run, or an existing one.</summary>
internal sealed class Broker : IAsyncDisposable
{
    private readonly string? _folder;

    private Broker(string url, int? processId, string? folder)
    {
        Url = url;
        ProcessId = processId;
        _folder = folder;
    }

    public string Url { get; }

    /// <summary>Null if it is unknown. Then no CPU time is reported for the broker.</summary>
    public int? ProcessId { get; }

    /// <summary>Uses <c>--broker URL</c> with the process <c>--broker-pid</c>, or starts a private broker.</summary>
    public static async Task<Broker> StartAsync(Arguments arguments)
    {
        if (arguments["--broker"] is { } url)
        {
            return new Broker(url, arguments["--broker-pid"] is { } pid ? int.Parse(pid, CultureInfo.InvariantCulture) : null, null);
        }

        string folder = Directory.CreateTempSubdirectory("rpcgen-benchmarks-").FullName;
        await RunAsync("start", folder);
        return new Broker(
            (await File.ReadAllTextAsync(Path.Combine(folder, "url"))).Trim(),
            int.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "pid")), CultureInfo.InvariantCulture),
            folder);
    }

    /// <summary>Product and version, as reported by the broker.</summary>
    public async Task<string> DescribeAsync()
    {
        await using IConnection connection = await new ConnectionFactory { Uri = new Uri(Url) }.CreateConnectionAsync();
        return $"{Text(connection, "product")} {Text(connection, "version")}";
    }

    public TimeSpan CpuTime => ProcessId is { } id ? ProcessClock.Read(id) : TimeSpan.Zero;

    public async ValueTask DisposeAsync()
    {
        if (_folder is not null)
        {
            await RunAsync("stop", _folder);
            Directory.Delete(_folder, recursive: true);
        }
    }

    private static string Text(IConnection connection, string property) =>
        connection.ServerProperties?[property] is byte[] text ? Encoding.UTF8.GetString(text) : "?";

    private static async Task RunAsync(string verb, string folder)
    {
        using Process script = Process.Start("bash", [Path.Combine(Repository.Root, "tests", "broker.sh"), verb, folder]);
        await script.WaitForExitAsync();
        if (script.ExitCode != 0)
        {
            throw new InvalidOperationException($"tests/broker.sh {verb} {folder} failed with {script.ExitCode}.");
        }
    }
}
