using System.Diagnostics;
using RpcGen.Transport;

namespace RpcGen.Client.Calls;

/// <summary>
/// Finds pending messages by correlation id. An id is the encrypted pair of a slot and a generation: the slot says where
/// the object is, the generation which of its uses is meant. An object keeps its slot for life, so a call in steady state
/// neither takes nor frees one. Look-ups take no lock. Thread-safe.
/// </summary>
/// <typeparam name="T">The objects.</typeparam>
internal sealed class SlotTable<T>(CallIdCipher cipher)
    where T : class
{
    private const int SlotBits = 24;
    private const int InitialSize = 64;

    private readonly Lock _gate = new();
    private readonly Stack<(int Slot, long Generation)> _free = new();
    private T?[] _slots = new T?[InitialSize];
    private int _used;

    /// <summary>The number of objects that the table can hold.</summary>
    public const int MaxSlots = 1 << SlotBits;

    /// <summary>The largest generation. The next one is 0 again.</summary>
    public const long MaxGeneration = (1L << (64 - SlotBits)) - 1;

    /// <summary>Puts an object into a slot of its own.</summary>
    /// <returns>
    /// The slot and the last generation that was used in it. The object must continue from that generation: ids must not
    /// repeat when a slot passes from one object to another.
    /// </returns>
    /// <exception cref="InvalidOperationException">The table is full.</exception>
    public (int Slot, long Generation) Add(T entry)
    {
        lock (_gate)
        {
            (int slot, long generation) = _free.Count > 0 ? _free.Pop() : (_used++, 0);
            if (slot >= MaxSlots)
            {
                _used--;
                throw new InvalidOperationException($"More than {MaxSlots} calls are pending on one connection.");
            }

            if (slot >= _slots.Length)
            {
                Array.Resize(ref _slots, _slots.Length * 2);
            }

            Debug.Assert(_slots[slot] is null, "A slot is given to one object at a time.");
            Volatile.Write(ref _slots[slot], entry);
            return (slot, generation);
        }
    }

    /// <summary>Frees a slot for another object.</summary>
    public void Remove(int slot, long generation)
    {
        lock (_gate)
        {
            Debug.Assert(_slots[slot] is not null, "A slot is freed once.");
            Volatile.Write(ref _slots[slot], null);
            _free.Push((slot, generation));
        }
    }

    /// <summary>The correlation id of one use of a slot.</summary>
    public CorrelationId IdOf(int slot, long generation) => new(cipher.Encrypt(((ulong)generation << SlotBits) | (uint)slot));

    /// <summary>Finds the object that an id belongs to. Its generation can have passed; every use of the result checks that.</summary>
    /// <returns>False for an id of somebody else's.</returns>
    public bool TryFind(CorrelationId id, out T entry, out long generation)
    {
        ulong number = id.Number;
        if (number != 0 || CorrelationId.TryParseNumber(id.Text, out number))
        {
            ulong key = cipher.Decrypt(number);
            int slot = (int)(key & (MaxSlots - 1));
            T?[] slots = Volatile.Read(ref _slots);
            if (slot < slots.Length && Volatile.Read(ref slots[slot]) is { } found)
            {
                entry = found;
                generation = (long)(key >> SlotBits);
                return true;
            }
        }

        entry = null!;
        generation = 0;
        return false;
    }

    /// <summary>All objects in the table, idle ones included.</summary>
    public IEnumerable<T> Snapshot()
    {
        T?[] slots = Volatile.Read(ref _slots);
        for (int slot = 0; slot < slots.Length; slot++)
        {
            if (Volatile.Read(ref slots[slot]) is { } entry)
            {
                yield return entry;
            }
        }
    }
}
