using RpcGen.Simulation.Preempting;
using RpcGen.Simulation.Scheduling;

namespace RpcGen.Simulation.Models;

/// <summary>A small program of a few threads on one component of the runtime. Each execution gets one of its own.</summary>
internal abstract class Model
{
    /// <summary>The clock. It stands still unless a thread moves it.</summary>
    public VirtualTime Time { get; } = new();

    /// <summary>What runs at the same time, beside the work items that the component queues.</summary>
    public abstract IReadOnlyList<Action> Threads { get; }

    /// <summary>What must hold after all has run.</summary>
    /// <exception cref="SimulationException">It does not hold.</exception>
    public abstract void Check();

    /// <summary>Does something under a lock, as the rewritten runtime does.</summary>
    protected static void Locked(Lock gate, Action action)
    {
        Lock.Scope scope = Preemption.EnterScope(gate);
        try
        {
            action();
        }
        finally
        {
            Preemption.Exit(ref scope);
        }
    }

    /// <summary>Fails the execution unless something is true. For threads too.</summary>
    public static void Must(bool isTrue, string what)
    {
        if (!isTrue)
        {
            throw new SimulationException(what);
        }
    }
}
