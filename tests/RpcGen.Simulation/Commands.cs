using System.Globalization;
using RpcGen.Simulation.Bugs;
using RpcGen.Simulation.Models;
using RpcGen.Simulation.Preempting;
using RpcGen.Simulation.Scheduling;

namespace RpcGen.Simulation;

/// <summary>What the command line can ask for.</summary>
internal sealed class Commands
{
    private readonly Options _options;
    private readonly Watch _watch;
    private readonly PoolQueue _pool = new();
    private readonly ScheduleRunner _runner;

    public Commands(Options options, Watch watch)
    {
        _options = options;
        _watch = watch;
        _runner = new ScheduleRunner(_pool, watch, options.IsWoven ? new Fibers() : null);
    }

    /// <summary>Does what is asked; gives the exit code.</summary>
    public int Run()
    {
        if (_options.IsPreempting && !_options.IsWoven)
        {
            return _watch.Elsewhere(() => PreemptedRuns.Run(_options.Arguments));
        }

        if (_options.Model is { } model)
        {
            var tally = new Tally();
            new ModelChecks(_pool, _watch, _options.Preemptions, _options.Schedules ?? int.MaxValue).Run(tally, model);
            return tally.Failed == 0 ? 0 : 1;
        }

        if (_options.Seed is { } seed)
        {
            return Show(seed);
        }

        if (_options.IsHash)
        {
            Console.WriteLine(Replays.Hash(_runner, _options.First, _options.Schedules ?? 1).ToString("x16", CultureInfo.InvariantCulture));
            return 0;
        }

        return _options.IsHunt ? Hunt.Run(_runner, _options.First, _options.Schedules ?? 1, _options.Bug) : RunAll();
    }

    private int RunAll()
    {
        var tally = new Tally();
        if (PlantedBugs.All.FirstOrDefault(bug => bug.Name == _options.Bug && bug.Patch is not null) is { } planted)
        {
            new Hunt(_runner).Run(tally, planted);
            return tally.Failed;
        }

        if (!_options.IsChecks)
        {
            new Campaign(_runner, _options).Run(tally);
        }

        if (_options is { Schedules: null, IsWoven: false })
        {
            new Replays(_runner).Run(tally);
            new PreemptedRuns(_watch).RunModels(tally);
            new Hunt(_runner).Run(tally);
        }

        Console.WriteLine($"{tally.Passed} passed, {tally.Failed} failed, 0 skipped");
        return tally.Failed == 0 ? 0 : 1;
    }

    private int Show(ulong seed)
    {
        Outcome outcome = _runner.Run(new Request(seed, _options.Bug, KeepsLines: true) { IsPreempting = _options.IsWoven, WithoutFaults = _options.WithoutFaults, WithoutCallers = _options.WithoutCallers, WithoutStreamers = _options.WithoutStreamers });
        foreach (object line in outcome.Plan.Faults.Cast<object>().Concat(outcome.History.Lines))
        {
            Console.WriteLine(line);
        }

        foreach (string violation in outcome.Violations)
        {
            Console.WriteLine($"WRONG: {violation}");
        }

        Console.WriteLine(FormattableString.Invariant($"seed {seed}: {outcome.Calls} calls, {outcome.Streams} calls with streams, {outcome.Steps} steps, history {outcome.History.Hash:x16}, {(outcome.Violations.Count == 0 ? "all well" : "failed")}"));
        return outcome.Violations.Count == 0 ? 0 : 1;
    }
}

/// <summary>How many checks passed and failed.</summary>
internal sealed class Tally
{
    /// <summary>Checks that passed.</summary>
    public int Passed { get; private set; }

    /// <summary>Checks that failed.</summary>
    public int Failed { get; private set; }

    /// <summary>Counts a check, and says how it went.</summary>
    public void Count(bool isPassed, string what)
    {
        Console.WriteLine($"{(isPassed ? "passed" : "FAILED")}: {what}");
        Passed += isPassed ? 1 : 0;
        Failed += isPassed ? 0 : 1;
    }
}
