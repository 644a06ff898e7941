using System.Text;
using RpcGen.Benchmarks.Peers;
using RpcGen.Benchmarks.Workloads;

namespace RpcGen.Benchmarks.Wire;

/// <summary>The goals as ratios within one run, and whether they are met.</summary>
internal static class AcceptanceTable
{
    private static readonly Scene Add1 = new(Workload.Add, 1);
    private static readonly Scene Add64 = new(Workload.Add, 64);
    private static readonly Scene Add256 = new(Workload.Add, 256);
    private static readonly Scene Echo256 = new(Workload.Echo, 256);

    public static void Write(StringBuilder text, WireResults results)
    {
        text.AppendLine().AppendLine("## Acceptance").AppendLine();
        Spread? health = results.Ratio(Add256, PeerNames.Floor, PeerNames.Raw, m => m.CallsPerSecond);
        text.AppendLine($"The run counts if its floor reaches 0.45 × raw one-way messages: {health?.ToString() ?? "not measured"}, {Verdict(health, s => s.Median >= 0.45)}.").AppendLine();
        text.AppendLine("| measure | RpcGen's row | against | wanted | is (least–greatest) | |");
        text.AppendLine("|---|---|---|---|---|---|");
        foreach (Row row in Rows())
        {
            Spread? value = results.Compare(row.Scene, row.Ours, row.Theirs, row.Comparison);
            text.AppendLine($"| {row.Measure} | {row.Ours} | {row.Theirs} | {(row.IsAtMost ? "≤" : "≥")} {row.Wanted} | {value} | {Verdict(value, spread => row.IsAtMost ? spread.Median <= row.Wanted : spread.Median >= row.Wanted)} |");
        }
    }

    private static IEnumerable<Row> Rows()
    {
        foreach (Scene scene in new[] { Add64, Add256 })
        {
            string callers = $"unbatched, {scene.Callers} callers";
            foreach (string floor in new[] { PeerNames.Floor, PeerNames.FloorAllProperties })
            {
                yield return AtLeast($"{callers}: throughput", scene, PeerNames.RpcGenAtMostOnce, floor, 0.95, Throughput);
                yield return AtMost($"{callers}: CPU", scene, PeerNames.RpcGenAtMostOnce, floor, 1.15, Cpu);
            }

            yield return AtMost($"{callers}: additional bytes", scene, PeerNames.RpcGenAtMostOnce, PeerNames.FloorAllProperties, 150, (ours, theirs) => ours.Bytes - theirs.Bytes);
            yield return AtMost($"default, {scene.Callers} callers: CPU", scene, PeerNames.RpcGen, PeerNames.Floor, 1.25, Cpu);
        }

        yield return AtMost("1 caller: p50", Add1, PeerNames.RpcGen, PeerNames.Floor, 1.05, Latency);
        yield return AtLeast("1 caller: p50, times lower", Add1, PeerNames.RpcGen, PeerNames.Tutorial, 1.5, TimesLower);
        yield return AtLeast("1 caller: p50, times lower", Add1, PeerNames.RpcGen, PeerNames.MassTransit, 4, TimesLower);
        yield return AtLeast("256 callers add, unbatched", Add256, PeerNames.RpcGen, PeerNames.Tutorial, 1.3, Throughput);
        yield return AtLeast("256 callers add, unbatched", Add256, PeerNames.RpcGen, PeerNames.MassTransit, 6.5, Throughput);
        yield return AtLeast("256 callers add, batched", Add256, PeerNames.RpcGenIdempotent, PeerNames.Floor, 9, Throughput);
        yield return AtLeast("256 callers add, batched", Add256, PeerNames.RpcGenIdempotent, PeerNames.Grpc, 4, Throughput);
        yield return AtLeast("64 callers add, batched", Add64, PeerNames.RpcGenIdempotent, PeerNames.Floor, 3.5, Throughput);
        yield return AtLeast("256 callers echo 1 KB, batched", Echo256, PeerNames.RpcGenIdempotent, PeerNames.Floor, 3.8, Throughput);
        yield return AtLeast("256 callers echo 1 KB, batched", Echo256, PeerNames.RpcGenIdempotent, PeerNames.Grpc, 1.5, Throughput);
        yield return AtMost("batched add: bytes", Add256, PeerNames.RpcGenIdempotent, PeerNames.RpcGenIdempotent, 250, (ours, _) => ours.Bytes);
    }

    private static double Throughput(Measurement ours, Measurement theirs) => ours.CallsPerSecond / theirs.CallsPerSecond;

    private static double Cpu(Measurement ours, Measurement theirs) => ours.Cpu / theirs.Cpu;

    private static double Latency(Measurement ours, Measurement theirs) => ours.P50 / theirs.P50;

    private static double TimesLower(Measurement ours, Measurement theirs) => theirs.P50 / ours.P50;

    private static Row AtLeast(string measure, Scene scene, string ours, string theirs, double wanted, Func<Measurement, Measurement, double> comparison) =>
        new(measure, scene, ours, theirs, wanted, IsAtMost: false, comparison);

    private static Row AtMost(string measure, Scene scene, string ours, string theirs, double wanted, Func<Measurement, Measurement, double> comparison) =>
        new(measure, scene, ours, theirs, wanted, IsAtMost: true, comparison);

    private static string Verdict(Spread? value, Func<Spread, bool> isMet) => value is { } spread ? isMet(spread) ? "met" : "**not met**" : "not measured";

    private sealed record Row(string Measure, Scene Scene, string Ours, string Theirs, double Wanted, bool IsAtMost, Func<Measurement, Measurement, double> Comparison);
}
