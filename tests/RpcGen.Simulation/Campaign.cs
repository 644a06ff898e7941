using System.Diagnostics;

namespace RpcGen.Simulation;

/// <summary>Runs schedule after schedule, seed by seed, and reports those in which something was wrong.</summary>
internal sealed class Campaign(ScheduleRunner runner, Options options)
{
    private const int DefaultSchedules = 20_000;
    private const int MostReported = 5;

    /// <summary>Runs them; stops early after a few failures.</summary>
    public void Run(Tally tally)
    {
        var clock = Stopwatch.StartNew();
        int schedules = 0;
        int withStreams = 0;
        long calls = 0;
        long streams = 0;
        long steps = 0;
        long faults = 0;
        int failures = 0;
        for (ulong seed = options.First; !IsOver(schedules, clock) && failures < MostReported; seed++)
        {
            Outcome outcome = runner.Run(NewRequest(seed));
            schedules++;
            withStreams += outcome.Plan.HasStreams ? 1 : 0;
            calls += outcome.Calls;
            streams += outcome.Streams;
            steps += outcome.Steps;
            faults += outcome.Plan.Faults.Count;
            if (outcome.Violations.Count > 0)
            {
                failures++;
                Report(seed, outcome);
            }
        }

        tally.Count(failures == 0, FormattableString.Invariant(
            $"{schedules} schedules from seed {options.First}, {withStreams} with streams and long calls, {calls} calls, {streams} calls with streams, {faults} faults, {steps} steps; {schedules / clock.Elapsed.TotalSeconds:0} schedules a second; {failures} failed"));
    }

    private bool IsOver(int schedules, Stopwatch clock) =>
        options.Seconds is { } seconds ? clock.Elapsed.TotalSeconds >= seconds : schedules >= (options.Schedules ?? DefaultSchedules);

    private Request NewRequest(ulong seed) => new(seed, options.Bug) { IsPreempting = options.IsWoven };

    private void Report(ulong seed, Outcome outcome)
    {
        foreach (string violation in outcome.Violations.Take(MostReported))
        {
            Console.WriteLine($"seed {seed}: {violation}");
        }

        Console.WriteLine($"  replay:  {Shrinker.Replay(NewRequest(seed))}");
        Console.WriteLine($"  smaller: {Shrinker.Replay(new Shrinker(runner).Shrink(NewRequest(seed), outcome.Plan))}");
    }
}
