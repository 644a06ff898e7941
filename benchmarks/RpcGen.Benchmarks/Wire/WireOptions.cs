using System.Globalization;
using RpcGen.Benchmarks.Peers;
using RpcGen.Benchmarks.Surroundings;
using RpcGen.Benchmarks.Workloads;

namespace RpcGen.Benchmarks.Wire;

/// <summary>The options of a run.</summary>
internal sealed record WireOptions(IReadOnlyList<IPeer> Peers, IReadOnlyList<Scene> Scenes, int Rounds, TimeSpan Duration, bool HasServerProcess)
{
    public static string[] Names { get; } = ["--peers", "--callers", "--workloads", "--rounds", "--seconds", "--broker", "--broker-pid", "--output"];

    public static string[] Flags { get; } = ["--quick", "--full", "--separate"];

    /// <summary>The warm-up of each peer before each measurement.</summary>
    public TimeSpan WarmUp => Duration / 5;

    public static WireOptions From(Arguments arguments)
    {
        bool isFull = arguments.Has("--full");
        int[] callers = [.. arguments.List("--callers", "1", "64", "256").Select(text => int.Parse(text, CultureInfo.InvariantCulture))];
        Workload[] workloads = [.. arguments.List("--workloads", "add", "echo").Select(text => Enum.Parse<Workload>(text, ignoreCase: true))];
        return new WireOptions(
            PeerCatalog.Select(arguments.List("--peers")),
            [.. workloads.SelectMany(workload => callers.Select(count => new Scene(workload, count)))],
            arguments.Number("--rounds", isFull ? 7 : 5),
            TimeSpan.FromSeconds(arguments.Seconds("--seconds", isFull ? 1.0 : 0.16)),
            arguments.Has("--separate"));
    }

    public string Describe() =>
        $"{Rounds} rounds of {Duration.TotalSeconds:0.##} s a cell, peers interleaved; client and server " +
        (HasServerProcess ? "in separate processes" : "in one process on separate connections");
}
