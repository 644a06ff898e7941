using System.Globalization;

namespace RpcGen.Simulation;

/// <summary>
/// Seeds that once broke an invariant. A change of the product or the plan can make other schedules of them, so each fault has
/// a unit test as well.
/// </summary>
internal sealed class FormerFailures(ScheduleRunner runner)
{
    private static readonly ulong[] Seeds =
    [
        405117, // a call that had run was refused at its second attempt as overloaded, and reported as not started
    ];

    /// <summary>Runs them.</summary>
    public void Run(Tally tally)
    {
        foreach (ulong seed in Seeds)
        {
            tally.Count(runner.Run(new Request(seed)).Violations.Count == 0, $"seed {seed.ToString(CultureInfo.InvariantCulture)}, which failed before");
        }
    }
}
