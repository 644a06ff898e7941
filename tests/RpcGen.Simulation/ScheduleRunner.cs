using Microsoft.Extensions.Logging;
using RpcGen.Simulation.Checks;
using RpcGen.Simulation.Preempting;
using RpcGen.Simulation.Scheduling;
using RpcGen.Simulation.Stage;
using RpcGen.Simulation.Streaming;
using RpcGen.Simulation.Wire;

namespace RpcGen.Simulation;

/// <summary>One schedule: what its seed makes, how it went.</summary>
internal sealed class ScheduleRunner(PoolQueue pool, Watch watch, Fibers? fibers)
{
    /// <summary>The longest that timers of calls which have ended stay behind.</summary>
    private static readonly TimeSpan TimersLeft = TimeSpan.FromMinutes(5);

    private int _runs;

    /// <summary>What the main thread watches.</summary>
    public Watch Watch => watch;

    /// <summary>Runs the schedule of a seed.</summary>
    public Outcome Run(Request request)
    {
        watch.Doing = Shrinker.Replay(request);
        while (pool.Take() is not null)
        {
            // Left by a schedule that failed, whose world is gone.
        }

        var random = new SimRandom(request.Seed);
        Plan plan = request.Reduce(new Planner(random.Fork()).Make());
        var time = new VirtualTime();
        var history = new History(time, request.KeepsLines);
        var tampering = new Tampering(random.Fork(), request.Bug);
        time.MayFire = tampering.Fires;
        fibers?.Begin(new SeededPreemption(random.Fork()));
        var scheduler = new Scheduler(pool, time, random.Fork(), history, watch, fibers);
        using var log = new HistoryLog(history);
        var world = new World(FormattableString.Invariant($"simulated-{++_runs}"), plan, time, random.Fork(), history, tampering, log, () => scheduler.LongestWait);
        try
        {
            Go(world, scheduler);
        }
        catch (SimulationException e)
        {
            world.Violations.Add(e.Message);
        }
#pragma warning disable CA1031 // What the runtime throws where nobody expects it is one more thing that is wrong.
        catch (Exception e)
#pragma warning restore CA1031
        {
            world.Violations.Add($"something threw what nobody expects: {e}");
        }

        return new Outcome(plan, history, world.Violations, scheduler.Steps, world.Journal.Calls.Count, world.Streams.Calls.Count);
    }

    private static void Go(World world, Scheduler scheduler)
    {
        var scenario = new Scenario(world);
        Task running = Task.Run(scenario.RunAsync);
        scheduler.RunUntil(running);
        running.GetAwaiter().GetResult();
        bool isDry = scheduler.TryRunDry(TimersLeft);
        new CallChecks(world).Check();
        var runs = new RunChecks(world);
        runs.Check();
        foreach (CallRecord probe in scenario.Probes)
        {
            runs.CheckProbe(probe);
        }

        var streams = new StreamChecks(world);
        streams.Check();
        foreach (StreamRecord probe in scenario.StreamProbes)
        {
            streams.CheckProbe(probe);
        }

        if (!isDry)
        {
            world.Violate("a timer goes on for ever");
        }

        if (Timer.ActiveCount > 0)
        {
            world.Violate("a timer of the real clock was set: something does not take the time from TimeProvider");
        }

        world.Broker.Dispose();
        if (Internals.HasBroker(world.BrokerName))
        {
            world.Violate("the broker was not forgotten, though everything was disposed");
        }
    }
}

/// <summary>Which schedule to run, and how.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Bug">A planted bug; null for none.</param>
/// <param name="KeepsLines">Whether the history is to be read.</param>
internal sealed record Request(ulong Seed, string? Bug = null, bool KeepsLines = false)
{
    /// <summary>Whether threads are preempted within steps.</summary>
    public bool IsPreempting { get; init; }

    /// <summary>Which of the plan's faults are left out.</summary>
    public IReadOnlySet<int> WithoutFaults { get; init; } = new HashSet<int>();

    /// <summary>Which of the plan's callers are left out.</summary>
    public IReadOnlySet<int> WithoutCallers { get; init; } = new HashSet<int>();

    /// <summary>Which of the plan's callers of streams are left out.</summary>
    public IReadOnlySet<int> WithoutStreamers { get; init; } = new HashSet<int>();

    /// <summary>The plan without the omitted faults and callers.</summary>
    public Plan Reduce(Plan plan) => plan with
    {
        Faults = [.. plan.Faults.Where((_, number) => !WithoutFaults.Contains(number))],
        Callers = [.. plan.Callers.Where((_, number) => !WithoutCallers.Contains(number))],
        Streamers = [.. plan.Streamers.Where((_, number) => !WithoutStreamers.Contains(number))],
    };
}

/// <summary>How a schedule went.</summary>
/// <param name="Plan">What was planned.</param>
/// <param name="History">What happened.</param>
/// <param name="Violations">What was wrong; empty for nothing.</param>
/// <param name="Steps">How many work items ran.</param>
/// <param name="Calls">How many calls without streams were made.</param>
/// <param name="Streams">How many calls with streams were made.</param>
internal sealed record Outcome(Plan Plan, History History, IReadOnlyList<string> Violations, int Steps, int Calls, int Streams);
