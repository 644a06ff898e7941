using System.Collections.Concurrent;
using System.Diagnostics.Tracing;
using System.Text;
using RpcGen.Benchmarks.Peers;
using RpcGen.Benchmarks.Surroundings;
using RpcGen.Benchmarks.Wire;
using RpcGen.Benchmarks.Workloads;

namespace RpcGen.Benchmarks.Allocations;

/// <summary>Reports which types a peer's calls allocate. The runtime samples about every 100 KB.</summary>
internal static class AllocationRun
{
    public static string[] Names { get; } = ["--peer", "--callers", "--workload", "--seconds", "--broker", "--broker-pid", "--output"];

    public static async Task<string> RunAsync(Broker broker, Arguments arguments)
    {
        IPeer peer = PeerCatalog.Select([arguments["--peer"] ?? PeerNames.RpcGen])[0];
        PeerSite site = WireRun.Sites([peer], broker.Url, 19_390)[0];
        var scene = new Scene(Enum.Parse<Workload>(arguments["--workload"] ?? "add", ignoreCase: true), arguments.Number("--callers", 64));
        await using IAsyncDisposable server = await peer.ServeAsync(site);
        await using IPeerClient client = await peer.ConnectAsync(site);
        using IDisposable? surroundings = client.BeginMeasuring();
        TimeSpan duration = TimeSpan.FromSeconds(arguments.Seconds("--seconds", 10));
        await new Load(client, scene).RunAsync(TimeSpan.Zero, TimeSpan.FromSeconds(2), () => Usage.ReadAsync(broker, null));

        Measurement measurement;
        using var samples = new AllocationSamples();
        measurement = await new Load(client, scene).RunAsync(TimeSpan.Zero, duration, () => Usage.ReadAsync(broker, null));
        return Write(peer, scene, measurement, samples.Counts);
    }

    private static string Write(IPeer peer, Scene scene, Measurement measurement, IReadOnlyDictionary<string, int> counts)
    {
        int total = counts.Values.Sum();
        var text = new StringBuilder($"- {peer.Name}, {scene.Workload}, {scene.Callers} callers: {measurement.CallsPerSecond:0} calls/s, {measurement.Bytes:0} bytes per call; {total} samples\n\n| type | bytes per call | share |\n|---|---|---|\n");
        foreach ((string type, int count) in counts.OrderByDescending(pair => pair.Value).Take(30))
        {
            double share = (double)count / total;
            text.AppendLine($"| `{type}` | {share * measurement.Bytes:0} | {share:0.0 %} |");
        }

        return text.ToString();
    }
}

/// <summary>Counts the runtime's samples of allocated objects by type.</summary>
internal sealed class AllocationSamples : EventListener
{
    private const EventKeywords AllocationSampling = (EventKeywords)0x80000000000;
    private readonly ConcurrentDictionary<string, int> _counts = new();

    public IReadOnlyDictionary<string, int> Counts => _counts;

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "Microsoft-Windows-DotNETRuntime")
        {
            EnableEvents(eventSource, EventLevel.Informational, AllocationSampling);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventName == "AllocationSampled" && eventData.Payload?[eventData.PayloadNames!.IndexOf("TypeName")] is string type)
        {
            _counts.AddOrUpdate(type, 1, static (_, count) => count + 1);
        }
    }
}
