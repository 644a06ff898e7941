using System.Globalization;

namespace RpcGen.Simulation.Bugs;

/// <summary>Looks for planted bugs as for any other: runs schedules until one fails.</summary>
internal sealed class Hunt(ScheduleRunner runner)
{
    /// <summary>Plants each bug in turn, except those that need preemption; one that is not found is a failure.</summary>
    public void Run(Tally tally)
    {
        foreach (PlantedBug bug in PlantedBugs.All.Where(static bug => bug.FoundBy != FoundBy.Preemption))
        {
            Run(tally, bug);
        }
    }

    /// <summary>Plants one bug.</summary>
    public void Run(Tally tally, PlantedBug bug)
    {
        string? found = bug.Patch is null ? Find(runner, bug.First, bug.Within, bug.Name) : FindInCopy(bug);
        tally.Count(found is not null, $"planted bug {bug.Name}{(bug.FoundBy == FoundBy.Schedules ? "" : $", by {bug.FoundBy.ToString().ToLowerInvariant()}")}: {found ?? FormattableString.Invariant($"not found in {bug.Within} schedules")}");
    }

    /// <summary>Runs schedules until one fails, and says which; exit code 1 if one does.</summary>
    public static int Run(ScheduleRunner runner, ulong first, int most, string? bug)
    {
        string? found = Find(runner, first, most, bug);
        Console.WriteLine(found ?? "nothing was found");
        return found is null ? 0 : 1;
    }

    private static string? Find(ScheduleRunner runner, ulong first, int most, string? bug)
    {
        for (int number = 0; number < most; number++)
        {
            Outcome outcome = runner.Run(new Request(first + (ulong)number, bug));
            if (outcome.Violations.Count > 0)
            {
                return FormattableString.Invariant($"found by schedule {number + 1} from seed {first}: {outcome.Violations[0]}");
            }
        }

        return null;
    }

    private string? FindInCopy(PlantedBug bug)
    {
        using var copy = new RewrittenCopy(bug.Rewrite);
        string[] mode = bug.FoundBy switch
        {
            FoundBy.Schedules => ["--hunt"],
            FoundBy.Preemption => [Options.Woven, "--hunt"],
            _ => [Options.Woven, "--model", bug.Model!],
        };
        string[] range = ["--first", bug.First.ToString(CultureInfo.InvariantCulture), "--schedules", bug.Within.ToString(CultureInfo.InvariantCulture)];
        (int code, string output) = runner.Watch.Elsewhere(() => Self.Run(copy.Folder, [.. mode, .. range]));
        return code == 1 ? output.Split('\n', StringSplitOptions.RemoveEmptyEntries).First(static line => !line.StartsWith("passed", StringComparison.Ordinal)).Trim() : null;
    }
}
