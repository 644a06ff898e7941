using RpcGen.Simulation.Scheduling;

namespace RpcGen.Simulation;

/// <summary>
/// Occupies the thread pool's one worker with the simulation, and watches from the main thread that its steps end: one
/// that loops or blocks would hold up everything.
/// </summary>
internal static class PoolWorker
{
    private static readonly TimeSpan StepTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Runs the simulation on the pool's worker; gives its exit code.</summary>
    public static int Run(Func<Watch, int> simulation)
    {
        ThreadPool.GetMaxThreads(out int workers, out _);
        if (workers != 1)
        {
            Console.Error.WriteLine($"The thread pool has {workers} workers, which RpcGen.Simulation.runtimeconfig.json should limit to 1.");
            return 2;
        }

        var watch = new Watch();
        using var done = new ManualResetEventSlim();
        int code = 3;
        ThreadPool.UnsafeQueueUserWorkItem(
            _ =>
            {
                try
                {
                    code = simulation(watch);
                }
#pragma warning disable CA1031 // The simulation's own failure: it is shown, and the exit code says so.
                catch (Exception e)
#pragma warning restore CA1031
                {
                    Console.Error.WriteLine($"{watch.Doing}: {e}");
                }

                done.Set();
            },
            state: null);
        long last = -1;
        while (!done.Wait(StepTimeout))
        {
            if (last == watch.Steps && !watch.IsElsewhere)
            {
                Console.WriteLine($"{watch.Doing}: a step has not ended for {StepTimeout.TotalSeconds} s: it loops or blocks.");
                Console.WriteLine("0 passed, 1 failed, 0 skipped");
                return 1;
            }

            last = watch.Steps;
        }

        return code;
    }
}

/// <summary>What the simulation is doing, for the thread that watches it.</summary>
internal sealed class Watch
{
    private long _steps;
    private string _doing = "at the start";

    /// <summary>How many steps were begun.</summary>
    public long Steps => Volatile.Read(ref _steps);

    /// <summary>What is being done.</summary>
    public string Doing
    {
        get => Volatile.Read(ref _doing);
        set => Volatile.Write(ref _doing, value);
    }

    /// <summary>Whether another process does the work, and watches itself.</summary>
    public bool IsElsewhere { get; private set; }

    /// <summary>Waits for what another process does.</summary>
    public T Elsewhere<T>(Func<T> work)
    {
        IsElsewhere = true;
        T result = work();
        Step();
        IsElsewhere = false;
        return result;
    }

    /// <summary>Another step begins.</summary>
    public void Step() => Volatile.Write(ref _steps, _steps + 1);
}
