using System.Text;
using RpcGen.Benchmarks.Peers;
using RpcGen.Benchmarks.Workloads;

namespace RpcGen.Benchmarks.Wire;

/// <summary>One row for each peer, with the figures that docs/performance.md shows.</summary>
internal static class ReferenceTable
{
    public static void Write(StringBuilder text, WireOptions options, WireResults results)
    {
        text.AppendLine().AppendLine("## Table of docs/performance.md").AppendLine();
        text.AppendLine("| | add, 1 caller: p50 µs | add, 64 callers: calls/s | add, 256 callers: calls/s | × floor, 256 callers | echo 1 KB, 64 callers: calls/s | echo 1 KB, 256 callers: calls/s | CPU µs per call, .NET + broker, 64 callers | bytes per call, 64 callers |");
        text.AppendLine("|---|---|---|---|---|---|---|---|---|");
        foreach (IPeer peer in options.Peers)
        {
            string Of(Workload workload, int callers, Func<Measurement, double> figure) => Median(results.Get(new Scene(workload, callers), peer.Name, figure));
            Spread? floor = results.Ratio(new Scene(Workload.Add, 256), peer.Name, PeerNames.Floor, m => m.CallsPerSecond);
            text.AppendLine(
                $"| {peer.Name} | {Of(Workload.Add, 1, m => m.P50)} | {Of(Workload.Add, 64, m => m.CallsPerSecond)} | {Of(Workload.Add, 256, m => m.CallsPerSecond)} | {floor} " +
                $"| {Of(Workload.Echo, 64, m => m.CallsPerSecond)} | {Of(Workload.Echo, 256, m => m.CallsPerSecond)} " +
                $"| {Of(Workload.Add, 64, m => m.DotnetCpu)} + {Of(Workload.Add, 64, m => m.BrokerCpu)} | {Of(Workload.Add, 64, m => m.Bytes)} |");
        }
    }

    private static string Median(Spread? spread) => spread is { } some ? Figure.Text(some.Median) : "";
}
