using System.Globalization;
using RpcGen.Simulation.Preempting;

namespace RpcGen.Simulation;

/// <summary>Schedules in which threads are preempted within steps: a copy of this program with a rewritten runtime runs them.</summary>
internal sealed class PreemptedRuns(Watch watch)
{
    private const int Schedules = 3_000;
    private const int Orders = 1_500;
    private const int Seeds = 20;

    /// <summary>Runs the copy with a command line. Returns its exit code.</summary>
    public static int Run(IReadOnlyList<string> args)
    {
        using var copy = new RewrittenCopy(Weaver.Weave);
        return Self.Show(copy.Folder, [Options.Woven, .. args]);
    }

    /// <summary>Runs schedules, and some of them once more in another process.</summary>
    public void Run(Tally tally)
    {
        using var copy = new RewrittenCopy(Weaver.Weave);
        (int code, string output) = RunCopy(copy, "--schedules", Schedules);
        tally.Count(code == 0, $"with preemption: {output.Trim()}");
        (code, output) = RunCopy(copy, "--model", Options.AllModels, "--schedules", Orders);
        tally.Count(code == 0, $"models: {output.Trim()}");
        string once = RunCopy(copy, "--hash", "--schedules", Seeds).Output;
        tally.Count(once == RunCopy(copy, "--hash", "--schedules", Seeds).Output, $"{Seeds} seeds with preemption give the same histories in another process");
    }

    private (int Code, string Output) RunCopy(RewrittenCopy copy, params object[] args) => watch.Elsewhere(() =>
        Self.Run(copy.Folder, [Options.Woven, .. args.Select(static arg => string.Create(CultureInfo.InvariantCulture, $"{arg}"))]));
}
