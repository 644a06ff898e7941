using RpcGen.Simulation.Scheduling;

namespace RpcGen.Simulation.Preempting;

/// <summary>
/// A thread that runs one work item after the other, and only while the scheduler waits for it: the scheduler and its fibers
/// pass a baton. All fields are used by its holder alone.
/// </summary>
internal sealed class Fiber
{
    [ThreadStatic]
    private static Fiber? current;

    private readonly Fibers _owner;
    private readonly SemaphoreSlim _baton = new(0);
    private object? _item;
    private int _holds;

    public Fiber(Fibers owner)
    {
        _owner = owner;
        new Thread(RunItems, maxStackSize: 1 << 20) { IsBackground = true, Name = "fiber" }.Start();
    }

    /// <summary>The fiber that runs on this thread; null on others.</summary>
    public static Fiber? Current => current;

    /// <summary>Decides which fiber runs if the schedule goes by ranks: the highest.</summary>
    public uint Rank { get; set; }

    /// <summary>What its item threw; null for nothing.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Gives it an item to run. For the scheduler.</summary>
    public void Begin(object item, uint rank)
    {
        _item = item;
        _holds = 0;
        Rank = rank;
        Failure = null;
    }

    /// <summary>Passes it the baton. For the scheduler, which then waits for it.</summary>
    public void Resume() => _baton.Release();

    /// <summary>It has come to a point where another one can run.</summary>
    public void Reach()
    {
        if (_holds == 0 && _owner.Preempts(this))
        {
            _owner.OnReady(this);
            PassBaton();
        }
    }

    /// <summary>Waits until any lock is free.</summary>
    public void Block()
    {
        if (_holds > 0)
        {
            throw new SimulationException("A lock is taken where no other thread can run to free it: Weaver has to leave out the code around it.");
        }

        _owner.OnBlocked(this);
        PassBaton();
    }

    /// <summary>It has left a lock.</summary>
    public void Unblock()
    {
        _owner.OnUnlocked();
        Reach();
    }

    public void Hold() => _holds++;

    public void Release() => _holds--;

    private void PassBaton()
    {
        _owner.TakeBaton();
        _baton.Wait();
    }

    private void RunItems()
    {
        current = this;
        while (true)
        {
            _baton.Wait();
            try
            {
                PoolQueue.Run(_item!, Thread.CurrentThread);
            }
#pragma warning disable CA1031 // The scheduler throws it again.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Failure = e;
            }

            _item = null;
            _owner.OnEnded(this);
            _owner.TakeBaton();
        }
    }
}
