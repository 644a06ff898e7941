using System.Diagnostics;
using System.Globalization;
using RpcGen.Benchmarks.Peers;
using RpcGen.Benchmarks.Surroundings;

namespace RpcGen.Benchmarks.Wire;

/// <summary>
/// The servers of all peers in a separate process: this program with the verb <c>serve</c>. It prints <c>ready</c>,
/// answers each line with its CPU time and allocations, and ends when its standard input ends.
/// </summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ServerProcess(Process process) => _process = process;

    public static async Task<ServerProcess> StartAsync(string broker, IReadOnlyList<IPeer> peers, int firstPort)
    {
        string[] arguments = ["serve", "--broker", broker, "--peers", string.Join(',', peers.Select(peer => peer.Name)), "--port", $"{firstPort}"];
        Process process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        return await process.StandardOutput.ReadLineAsync() == "ready"
            ? new ServerProcess(process)
            : throw new InvalidOperationException("The server process did not start.");
    }

    /// <summary>The verb <c>serve</c>.</summary>
    public static async Task RunAsync(Arguments arguments)
    {
        IReadOnlyList<IPeer> peers = PeerCatalog.Select(arguments.List("--peers"));
        IReadOnlyList<PeerSite> sites = WireRun.Sites(peers, arguments["--broker"]!, arguments.Number("--port", 0));
        for (int i = 0; i < peers.Count; i++)
        {
            await peers[i].ServeAsync(sites[i]);
        }

        Console.WriteLine("ready");
        while (await Console.In.ReadLineAsync() is not null)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{ProcessClock.Read(Environment.ProcessId).Ticks} {GC.GetTotalAllocatedBytes(precise: true)}"));
        }

        Environment.Exit(0); // closes the connections, which no caller uses any more
    }

    public async Task<(TimeSpan Cpu, long Bytes)> ReadAsync()
    {
        await _process.StandardInput.WriteLineAsync("usage");
        await _process.StandardInput.FlushAsync();
        string[] answer = (await _process.StandardOutput.ReadLineAsync())!.Split(' ');
        return (TimeSpan.FromTicks(long.Parse(answer[0], CultureInfo.InvariantCulture)), long.Parse(answer[1], CultureInfo.InvariantCulture));
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
