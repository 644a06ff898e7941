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
    private static readonly Scene Echo64 = new(Workload.Echo, 64);
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
        foreach (string ours in new[] { PeerNames.RpcGen, PeerNames.RpcGenIdempotent })
        {
            yield return AtLeast("add, 256 callers", Add256, ours, PeerNames.Floor, 11, Throughput);
            yield return AtLeast("add, 256 callers", Add256, ours, PeerNames.Grpc, 6.5, Throughput);
            yield return AtLeast("add, 256 callers", Add256, ours, PeerNames.StreamJsonRpc, 1.8, Throughput);
            yield return AtLeast("add, 64 callers", Add64, ours, PeerNames.Floor, 5, Throughput);
            yield return AtLeast("add, 64 callers", Add64, ours, PeerNames.StreamJsonRpc, 1, Throughput);
            yield return AtMost("add, 64 callers: bytes", Add64, ours, ours, 230, (measured, _) => measured.Bytes);
            yield return AtMost("1 caller: p50", Add1, ours, PeerNames.FloorAckEach, 1.05, Latency);
        }

        yield return AtLeast("add, 256 callers", Add256, PeerNames.RpcGenTraced, PeerNames.RpcGen, 0.6, Throughput);
        yield return AtLeast("add, 256 callers", Add256, PeerNames.RpcGenQuorum, PeerNames.RpcGen, 0.5, Throughput);
        yield return AtLeast("one message per call, 64 callers", Add64, PeerNames.RpcGenContracts, PeerNames.RpcGenSingle, 0.9, Throughput);
        yield return AtLeast("echo 1 KB, 64 callers", Echo64, PeerNames.RpcGenIdempotent, PeerNames.Grpc, 1, Throughput);
        yield return AtLeast("echo 1 KB, 256 callers", Echo256, PeerNames.RpcGenIdempotent, PeerNames.Grpc, 1.6, Throughput);
        yield return AtLeast("echo 1 KB, 64 callers", Echo64, PeerNames.RpcGenIdempotent, PeerNames.StreamJsonRpc, 1.1, Throughput);
        yield return AtLeast("echo 1 KB, 256 callers", Echo256, PeerNames.RpcGenIdempotent, PeerNames.StreamJsonRpc, 1.2, Throughput);
        yield return AtLeast("one message per call, 64 callers", Add64, PeerNames.RpcGenSingle, PeerNames.FloorAckEach, 0.95, Throughput);
        yield return AtLeast("one message per call, 256 callers", Add256, PeerNames.RpcGenSingle, PeerNames.FloorAckEach, 0.95, Throughput);
        yield return AtLeast("one message per call, 256 callers", Add256, PeerNames.RpcGenSingle, PeerNames.Tutorial, 1.3, Throughput);
        yield return AtLeast("one message per call, 256 callers", Add256, PeerNames.RpcGenSingle, PeerNames.MassTransit, 6.5, Throughput);
        yield return AtLeast("1 caller: p50, times lower", Add1, PeerNames.RpcGen, PeerNames.Tutorial, 1.5, TimesLower);
        yield return AtLeast("1 caller: p50, times lower", Add1, PeerNames.RpcGen, PeerNames.MassTransit, 4, TimesLower);
    }

    private static double Throughput(Measurement ours, Measurement theirs) => ours.CallsPerSecond / theirs.CallsPerSecond;

    private static double Latency(Measurement ours, Measurement theirs) => ours.P50 / theirs.P50;

    private static double TimesLower(Measurement ours, Measurement theirs) => theirs.P50 / ours.P50;

    private static Row AtLeast(string measure, Scene scene, string ours, string theirs, double wanted, Func<Measurement, Measurement, double> comparison) =>
        new(measure, scene, ours, theirs, wanted, IsAtMost: false, comparison);

    private static Row AtMost(string measure, Scene scene, string ours, string theirs, double wanted, Func<Measurement, Measurement, double> comparison) =>
        new(measure, scene, ours, theirs, wanted, IsAtMost: true, comparison);

    private static string Verdict(Spread? value, Func<Spread, bool> isMet) => value is { } spread ? isMet(spread) ? "met" : "**not met**" : "not measured";

    private sealed record Row(string Measure, Scene Scene, string Ours, string Theirs, double Wanted, bool IsAtMost, Func<Measurement, Measurement, double> Comparison);
}
