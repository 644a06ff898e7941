using System.Text;
using RpcGen.Benchmarks.Surroundings;
using RpcGen.Benchmarks.Wire;
using RpcGen.Benchmarks.Workloads;

namespace RpcGen.Benchmarks.Growth;

/// <summary>Measures how the cost of a call grows with callers, payload, contracts, servers and connections.</summary>
internal sealed class GrowthRun(Broker broker, Arguments arguments)
{
    private readonly TimeSpan _duration = TimeSpan.FromSeconds(arguments.Seconds("--seconds", 0.5));
    private readonly int _rounds = arguments.Number("--rounds", 3);
    private readonly StringBuilder _text = new();

    public static string[] Names { get; } = ["--seconds", "--rounds", "--curves", "--outstanding", "--broker", "--broker-pid", "--output"];

    public static string[] Flags { get; } = [];

    public async Task<string> RunAsync()
    {
        string url = broker.Url;
        _text.AppendLine($"- {_rounds} rounds of {_duration.TotalSeconds:0.##} s, medians (least–greatest); RpcGen with its defaults, 64 callers by default");
        foreach (string curve in arguments.List("--curves", "callers", "payload", "contracts", "servers", "connections", "outstanding", "idle"))
        {
            await (curve switch
            {
                "callers" => DrawAsync(curve, Workload.Add, [1, 4, 16, 64, 256, 1000], _ => GrowthSite.StartAsync(url), callers => callers),
                "payload" => DrawAsync(curve, Workload.Echo, [10, 100, 1_000, 10_000, 100_000, 1_000_000], bytes => GrowthSite.StartAsync(url, payload: bytes), _ => 8),
                "contracts" => DrawAsync(curve, Workload.Add, [1, 10, 100], contracts => GrowthSite.StartAsync(url, contracts: contracts, batching: false), _ => 64),
                "servers" => DrawAsync(curve, Workload.Add, [1, 2, 4, 8], servers => GrowthSite.StartAsync(url, servers: servers), _ => 64),
                "connections" => DrawAsync(curve, Workload.Add, [1, 2, 4, 8], connections => GrowthSite.StartAsync(url, connections: connections), _ => 64),
                "outstanding" => new OutstandingRun(url, arguments.Number("--outstanding", 100_000), _text).RunAsync(),
                "idle" => new IdleRun(url, _text).RunAsync(),
                _ => throw new ArgumentException($"There is no curve '{curve}'."),
            });
        }

        return _text.ToString();
    }

    private async Task DrawAsync(string curve, Workload workload, int[] points, Func<int, Task<GrowthSite>> start, Func<int, int> callers)
    {
        _text.AppendLine().AppendLine($"## {curve}").AppendLine();
        _text.AppendLine($"| {curve} | callers | calls/s | p50 µs | p99 µs | .NET CPU µs | broker CPU µs | bytes per call |").AppendLine("|---|---|---|---|---|---|---|---|");
        foreach (int point in points)
        {
            Console.Error.WriteLine($"{curve} {point}");
            var scene = new Scene(workload, callers(point));
            var rounds = new List<Measurement>();
            await using GrowthSite site = await start(point);
            for (int round = 0; round <= _rounds; round++)
            {
                GC.Collect();
                rounds.Add(await new Load(site, scene).RunAsync(_duration / 5, _duration, () => Usage.ReadAsync(broker, null)));
            }

            rounds.RemoveAt(0); // warm-up
            Spread Of(Func<Measurement, double> figure) => Spread.Of(rounds.Select(figure));
            _text.AppendLine(
                $"| {point} | {scene.Callers} | {Of(m => m.CallsPerSecond)} | {Of(m => m.P50)} | {Of(m => m.P99)} " +
                $"| {Of(m => m.DotnetCpu)} | {Of(m => m.BrokerCpu)} | {Of(m => m.Bytes)} |");
        }
    }
}
