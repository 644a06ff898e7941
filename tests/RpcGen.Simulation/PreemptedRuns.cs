using RpcGen.Simulation.Preempting;

namespace RpcGen.Simulation;

/// <summary>What a copy of this program runs, whose rewritten runtime lets threads be preempted within steps.</summary>
internal sealed class PreemptedRuns(Watch watch)
{
    private const string Orders = "1500";

    /// <summary>Runs the copy with a command line. Returns its exit code.</summary>
    public static int Run(IReadOnlyList<string> args)
    {
        using var copy = new RewrittenCopy(Weaver.Weave);
        return Self.Show(copy.Folder, [Options.Woven, .. args]);
    }

    /// <summary>Explores all models.</summary>
    public void RunModels(Tally tally)
    {
        using var copy = new RewrittenCopy(Weaver.Weave);
        (int code, string output) = watch.Elsewhere(() => Self.Run(copy.Folder, Options.Woven, "--model", Options.AllModels, "--schedules", Orders));
        tally.Count(code == 0, $"models: {output.Trim()}");
    }
}
