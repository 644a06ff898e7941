using System.Reflection;
using System.Runtime.CompilerServices;

namespace RpcGen.Simulation.Scheduling;

/// <summary>
/// The thread pool's queue, seen from its only worker: takes out what is queued and runs it item by item. The pool itself
/// never gets to run anything, because the simulation does not give its worker back.
/// </summary>
internal sealed class PoolQueue
{
    private const string QueueType = "System.Threading.ThreadPoolWorkQueue, System.Private.CoreLib";
    private const string LocalsType = "System.Threading.ThreadPoolWorkQueueThreadLocals, System.Private.CoreLib";

    private readonly object _queue = StaticField(typeof(ThreadPool), "s_workQueue");
    private readonly object _locals = StaticField(Type.GetType(LocalsType, throwOnError: true)!, "threadLocals");

    /// <summary>Takes an item that was queued: the worker's own first, then the pool's. Null if nothing is queued.</summary>
    public object? Take()
    {
        bool missed = false;
        return Dequeue(_queue, _locals, ref missed);
    }

    /// <summary>Runs an item as the pool does, and clears what it leaves on the thread.</summary>
    /// <param name="item">The item.</param>
    /// <param name="thread">The thread that this is called on.</param>
    public static void Run(object item, Thread thread)
    {
        try
        {
            Dispatch(null, item, thread);
        }
        finally
        {
            ResetContext(null, thread);
        }
    }

    private static object StaticField(Type type, string name) =>
        type.GetField(name, BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public)?.GetValue(null)
        ?? throw new InvalidOperationException($"{type}.{name} is missing or null: this runtime's thread pool is built in another way.");

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "Dequeue")]
    private static extern object? Dequeue([UnsafeAccessorType(QueueType)] object queue, [UnsafeAccessorType(LocalsType)] object locals, ref bool missedSteal);

    [UnsafeAccessor(UnsafeAccessorKind.StaticMethod, Name = "DispatchWorkItem")]
    private static extern void Dispatch([UnsafeAccessorType(QueueType)] object? type, object item, Thread worker);

    [UnsafeAccessor(UnsafeAccessorKind.StaticMethod, Name = "ResetThreadPoolThread")]
    private static extern void ResetContext(ExecutionContext? type, Thread worker);
}
