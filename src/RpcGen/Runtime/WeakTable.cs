namespace RpcGen.Runtime;

/// <summary>Values that are shared by those who use them, and let go with the last of them. Thread-safe.</summary>
internal sealed class WeakTable<TKey, TValue>
    where TKey : notnull
    where TValue : class
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, WeakReference<TValue>> _entries = [];
    private SweepMark _mark;

    /// <summary>The number of values that are used, or were until a moment ago.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                Sweep();
                return _entries.Count;
            }
        }
    }

    /// <summary>The values that are used.</summary>
    public List<TValue> Values
    {
        get
        {
            lock (_gate)
            {
                return [.. _entries.Values.Select(Target).OfType<TValue>()];
            }
        }
    }

    /// <summary>Gets the value of a key, which is created if nobody uses one.</summary>
    public TValue GetOrAdd<TArgument>(TKey key, Func<TKey, TArgument, TValue> create, TArgument argument)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue(key, out WeakReference<TValue>? known) && Target(known) is { } value)
            {
                return value;
            }

            if (_mark.IsReached(_entries.Count))
            {
                Sweep();
            }

            value = create(key, argument);
            _entries[key] = new WeakReference<TValue>(value);
            return value;
        }
    }

    private static TValue? Target(WeakReference<TValue> reference) => reference.TryGetTarget(out TValue? value) ? value : null;

    private void Sweep()
    {
        foreach ((TKey key, WeakReference<TValue> reference) in _entries)
        {
            if (Target(reference) is null)
            {
                _entries.Remove(key); // allowed while a dictionary is enumerated
            }
        }

        _mark.Set(_entries.Count);
    }
}
