using System.Text;
using RpcGen.Benchmarks.Peers;
using RpcGen.Benchmarks.Workloads;

namespace RpcGen.Benchmarks.Wire;

/// <summary>Writes a run as Markdown.</summary>
internal static class WireReport
{
    public static string Write(WireOptions options, WireResults results, string machine)
    {
        var text = new StringBuilder();
        text.AppendLine("# Calls over the wire").AppendLine();
        text.AppendLine(machine).AppendLine($"- {options.Describe()}").AppendLine();
        foreach (IPeer peer in options.Peers)
        {
            text.AppendLine($"- **{peer.Name}**: {peer.Description}");
        }

        foreach (Scene scene in options.Scenes)
        {
            WriteScene(text, scene, options, results);
        }

        ReferenceTable.Write(text, options, results);
        AcceptanceTable.Write(text, results);
        return text.ToString();
    }

    private static void WriteScene(StringBuilder text, Scene scene, WireOptions options, WireResults results)
    {
        text.AppendLine().AppendLine($"## {(scene.Workload == Workload.Add ? "Add(int, int)" : "Echo of 1 KB")}, {scene.Callers} callers").AppendLine();
        text.AppendLine("Medians of the rounds (least–greatest). × floor: ratio to the floor in the same round.").AppendLine();
        text.AppendLine("| peer | calls/s | × floor | p50 µs | p99 µs | .NET CPU µs | broker CPU µs | CPU × floor | bytes per call |");
        text.AppendLine("|---|---|---|---|---|---|---|---|---|");
        foreach (string peer in options.Peers.Select(peer => peer.Name))
        {
            Spread? Of(Func<Measurement, double> figure) => results.Get(scene, peer, figure);
            Spread? Against(Func<Measurement, double> figure) => results.Ratio(scene, peer, PeerNames.Floor, figure);
            text.AppendLine(
                $"| {peer} | {Of(m => m.CallsPerSecond)} | {Against(m => m.CallsPerSecond)} | {Of(m => m.P50)} | {Median(Of(m => m.P99))} " +
                $"| {Median(Of(m => m.DotnetCpu))} | {Median(Of(m => m.BrokerCpu))} | {Against(m => m.Cpu)} | {Median(Of(m => m.Bytes))} |");
        }
    }

    private static string Median(Spread? spread) => spread is { } some ? Figure.Text(some.Median) : "";
}
