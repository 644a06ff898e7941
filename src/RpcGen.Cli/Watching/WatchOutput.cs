using System.Globalization;
using RpcGen.Watching;

namespace RpcGen.Cli.Watching;

/// <summary>Writes what instances say, as tables or as lines of JSON.</summary>
internal static class WatchOutput
{
    /// <summary>Writes one line for each service, or for each method of one service.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="views">The services.</param>
    /// <param name="isDetailed">Whether methods are shown.</param>
    /// <param name="sinceStart">Whether to show what was done since the start, rather than now.</param>
    public static void WriteTable(TextWriter output, IReadOnlyList<ServiceView> views, bool isDetailed, bool sinceStart)
    {
        if (!isDetailed)
        {
            string[] head = ["SERVICE", "INSTANCES", "RUNNING", "WAITING", "DEPTH", .. Heads(sinceStart)];
            Table.Write(output, [head, .. views.Select(view => (string[])[view.Queue, Text(view.Instances), $"{Text(view.Running)}/{Text(view.Places)}", Text(view.Waiting), DepthOf(view), .. Cells(view.All, sinceStart)])]);
            return;
        }

        foreach (ServiceView view in views)
        {
            string refused = view.Refused > 0 ? $", {Text(view.Refused)} requests for unknown methods refused" : "";
            output.WriteLine($"{view.Queue}: {Text(view.Instances)} {(view.Instances == 1 ? "instance" : "instances")}, {Text(view.Running)} of {Text(view.Places)} places taken, {Text(view.Waiting)} waiting, {DepthOf(view)} in the queue{refused}");
            string[] head = ["METHOD", "RUNNING", .. Heads(sinceStart)];
            Table.Write(output, [head, .. view.Methods.Select(method => (string[])[method.Name, Text(method.Total.InFlight), .. Cells(method, sinceStart)])]);
        }
    }

    /// <summary>Writes one line of JSON for each service. Counts are those since the start of the instances.</summary>
    public static void WriteJson(TextWriter output, IReadOnlyList<ServiceView> views)
    {
        foreach (ServiceView view in views)
        {
            JsonOutput.WriteLine(output, writer => FigureWriter.Write(writer, view));
        }
    }

    private static string[] Heads(bool sinceStart) => [.. (string[])(sinceStart ? ["CALLS", "FAULTS", "CANCELLED", "REFUSED"] : ["CALLS/S", "FAULTS/S"]), "P50 MS", "P99 MS"];

    private static string[] Cells(MethodView method, bool sinceStart)
    {
        CallTotals calls = sinceStart ? method.Total : method.Latest;
        string[] counts = sinceStart
            ? [Text(calls.Calls), Text(calls.Faulted), Text(calls.Cancelled), Text(calls.Refused)]
            : [MethodView.Text(method.CallsPerSecond), MethodView.Text(method.FaultsPerSecond)];
        return [.. counts, calls.Percentile(0.5), calls.Percentile(0.99)];
    }

    private static string DepthOf(ServiceView view) => view.Depth is { } depth ? Text(depth) : "-";

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
