using System.Diagnostics.CodeAnalysis;

namespace RpcGen.Simulation.Preempting;

/// <summary>
/// What the rewritten runtime calls instead of, or before, the operations that synchronize threads. Public, because the rewritten
/// assembly refers to it. Outside of a <see cref="Fiber"/>, everything behaves as usual.
/// </summary>
public static class Preemption
{
    /// <summary>Another fiber can run here. Called before each operation of Interlocked and Volatile, and after each lock.</summary>
    public static void Point() => Fiber.Current?.Reach();

    /// <summary>No other fiber runs until <see cref="Release"/>: the code in between waits for other threads by means that are not rewritten.</summary>
    public static void Hold() => Fiber.Current?.Hold();

    /// <summary>Ends <see cref="Hold"/>.</summary>
    public static void Release() => Fiber.Current?.Release();

    /// <summary>Stands for <see cref="Lock.EnterScope"/>.</summary>
    public static Lock.Scope EnterScope(Lock gate)
    {
        if (Fiber.Current is { } fiber)
        {
            fiber.Reach();
            while (!gate.TryEnter())
            {
                fiber.Block();
            }

            gate.Exit(); // nobody else runs before the next line
        }

        return gate.EnterScope();
    }

    /// <summary>Stands for the end of a <see cref="Lock.Scope"/>.</summary>
    public static void Exit(ref Lock.Scope scope)
    {
        scope.Dispose();
        Fiber.Current?.Unblock();
    }

    /// <summary>Stands for Monitor.Enter.</summary>
    [SuppressMessage("Design", "CA1045:Do not pass types by reference", Justification = "Monitor.Enter has this form.")]
    public static void Enter(object gate, ref bool isTaken)
    {
        Fiber? fiber = Fiber.Current;
        if (fiber is null)
        {
            Monitor.Enter(gate, ref isTaken);
            return;
        }

        fiber.Reach();
        while (!Monitor.TryEnter(gate))
        {
            fiber.Block();
        }

        isTaken = true;
    }

    /// <summary>Stands for Monitor.Exit.</summary>
    public static void Exit(object gate)
    {
        Monitor.Exit(gate);
        Fiber.Current?.Unblock();
    }

    /// <summary>A compare and exchange that is not atomic, for planted bugs.</summary>
    [SuppressMessage("Design", "CA1045:Do not pass types by reference", Justification = "Interlocked.CompareExchange has this form.")]
    public static long TornCompareExchange(ref long location, long value, long comparand)
    {
        long found = location;
        Point();
        if (found == comparand)
        {
            location = value;
        }

        return found;
    }
}
