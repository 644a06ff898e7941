namespace RpcGen.Client;

/// <summary>
/// The pending calls by slot. Look-ups take no lock; slots are given once for an object's life, so that a call in steady
/// state neither takes nor gives one.
/// </summary>
internal sealed class PendingCallTable
{
    private readonly Lock _gate = new();
    private readonly Stack<(int Slot, long Generation)> _free = new();
    private PendingCall?[] _slots = new PendingCall?[64];
    private int _used;

    /// <summary>Calls that have no outcome yet.</summary>
    public int PendingCount => Snapshot().Count(call => call.Current.Stage is not (CallStage.Idle or CallStage.Done));

    /// <summary>
    /// Gives a call its slot, and the generation of the slot's last use: ids are made of both, and must not repeat when a
    /// slot passes from one object to another.
    /// </summary>
    /// <exception cref="InvalidOperationException">There are 16 million calls already.</exception>
    public (int Slot, long Generation) Add(PendingCall call)
    {
        lock (_gate)
        {
            (int slot, long generation) = _free.Count > 0 ? _free.Pop() : (_used++, 0);
            if (slot >= PendingCall.MaxSlots)
            {
                _used--;
                throw new InvalidOperationException($"More than {PendingCall.MaxSlots} calls are pending on one connection.");
            }

            if (slot >= _slots.Length)
            {
                Array.Resize(ref _slots, _slots.Length * 2);
            }

            Volatile.Write(ref _slots[slot], call);
            return (slot, generation);
        }
    }

    public void Remove(int slot, long generation)
    {
        lock (_gate)
        {
            Volatile.Write(ref _slots[slot], null);
            _free.Push((slot, generation));
        }
    }

    public PendingCall? Find(int slot)
    {
        PendingCall?[] slots = Volatile.Read(ref _slots);
        return slot < slots.Length ? Volatile.Read(ref slots[slot]) : null;
    }

    /// <summary>All objects, idle ones too.</summary>
    public IEnumerable<PendingCall> Snapshot()
    {
        PendingCall?[] slots = Volatile.Read(ref _slots);
        for (int slot = 0; slot < slots.Length; slot++)
        {
            if (Volatile.Read(ref slots[slot]) is { } call)
            {
                yield return call;
            }
        }
    }
}
