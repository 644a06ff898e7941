using RpcGen.Simulation.Preempting;

namespace RpcGen.Simulation.Scheduling;

/// <summary>
/// Runs everything that is queued to the thread pool, one work item at a time in the seed's order, and moves the clock when
/// nothing is ready. Without fibers an item runs whole: races between two threads within a step do not happen then.
/// </summary>
internal sealed class Scheduler(PoolQueue pool, VirtualTime time, SimRandom random, History history, Watch watch, Fibers? fibers)
{
    private const int MaxSteps = 400_000;

    private readonly Picker _picker = new(random, fibers?.GoesByRank);
    private readonly long _slowestStep = random.Pick(0, 0, 0, 10, 200, 2_000) * TimeSpan.TicksPerMicrosecond;
    private readonly List<Ready> _ready = [];
    private int _steps;

    /// <summary>The longest time that an item has waited for its turn: how much of any lateness is the schedule's own.</summary>
    public TimeSpan LongestWait { get; private set; }

    /// <summary>Work items that have run.</summary>
    public int Steps => _steps;

    /// <summary>Runs until <paramref name="goal"/> has completed.</summary>
    /// <exception cref="SimulationException">It cannot complete: nothing is left that could bring it about.</exception>
    public void RunUntil(Task goal)
    {
        while (!goal.IsCompleted)
        {
            if (!TryStep())
            {
                throw new SimulationException("Everything waits and no timer is left: a wake-up was lost.");
            }
        }
    }

    /// <summary>Runs until nothing is ready and no timer is left, for so long at most; false if that is not enough.</summary>
    public bool TryRunDry(TimeSpan most)
    {
        long end = time.Now + most.Ticks;
        while (TryStep())
        {
            if (time.Now > end)
            {
                return false;
            }
        }

        return true;
    }

    private bool TryStep()
    {
        Collect();
        while (_ready.Count == 0)
        {
            if (fibers is { Blocked: > 0 })
            {
                throw new SimulationException($"{fibers.Blocked} threads wait for locks, and no other thread runs: a deadlock.");
            }

            if (!time.TryMoveOn())
            {
                return false;
            }

            Collect();
        }

        if (++_steps > MaxSteps)
        {
            throw new SimulationException($"The schedule does not end: {MaxSteps} steps.");
        }

        int place = _picker.Pick(_ready);
        Ready next = _ready[place];
        _ready.RemoveAt(place);
        watch.Step();
        history.OnStep(next.Item, _ready.Count, time.Now);
        TimeSpan waited = TimeSpan.FromTicks(time.Now - next.Since);
        LongestWait = waited > LongestWait ? waited : LongestWait;
        Run(next);
        if (_slowestStep > 0)
        {
            time.Pass(random.Below((int)_slowestStep));
        }

        return true;
    }

    private void Run(Ready next)
    {
        object item = next.Item;
        if (item.GetType().FullName == "System.Threading.TimerQueue")
        {
            throw new SimulationException("A timer of the real clock has fired: something does not take the time from TimeProvider.");
        }

        try
        {
            if (fibers is null)
            {
                PoolQueue.Run(item, Thread.CurrentThread);
            }
            else
            {
                fibers.Run(item, next.Rank);
            }
        }
#pragma warning disable CA1031 // Any exception here would have ended the process.
        catch (Exception e) when (e is not SimulationException)
#pragma warning restore CA1031
        {
            throw new SimulationException($"A work item of the thread pool threw, which ends a process: {e}", e);
        }
    }

    private void Collect()
    {
        while (fibers?.TakeReady() is { } fiber)
        {
            _ready.Add(new Ready(fiber, time.Now, fiber.Rank));
        }

        while (pool.Take() is { } item)
        {
            _ready.Add(new Ready(item, time.Now, _picker.NextRank()));
        }

        while (time.TakeDue() is { } timer)
        {
            _ready.Add(new Ready(timer, time.Now, _picker.NextRank()));
        }
    }
}

/// <summary>The simulation has found something wrong.</summary>
internal sealed class SimulationException(string message, Exception? innerException = null) : Exception(message, innerException);
