using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace RpcGen.Client.Calls;

/// <summary>Keeps up to a number of objects for their next use. Thread-safe.</summary>
/// <typeparam name="T">The objects.</typeparam>
internal sealed class BoundedPool<T>(int capacity)
    where T : class
{
    private readonly ConcurrentQueue<T> _items = new();

    /// <summary>One more object, beside the queue: taking it is cheaper.</summary>
    private T? _first;
    private int _count;

    /// <summary>Takes an object out.</summary>
    public bool TryTake([NotNullWhen(true)] out T? item)
    {
        item = Interlocked.Exchange(ref _first, null);
        if (item is not null)
        {
            return true;
        }

        if (_items.TryDequeue(out item))
        {
            Interlocked.Decrement(ref _count);
            return true;
        }

        return false;
    }

    /// <summary>Puts an object in.</summary>
    /// <returns>False if the pool is full.</returns>
    public bool TryReturn(T item)
    {
        if (Interlocked.CompareExchange(ref _first, item, null) is null)
        {
            return true;
        }

        if (Interlocked.Increment(ref _count) > capacity)
        {
            Interlocked.Decrement(ref _count);
            return false;
        }

        _items.Enqueue(item);
        return true;
    }
}
