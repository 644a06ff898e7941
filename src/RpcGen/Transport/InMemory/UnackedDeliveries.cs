namespace RpcGen.Transport.InMemory;

/// <summary>What a channel has been given and has not acknowledged, by delivery tag.</summary>
internal sealed class UnackedDeliveries
{
    private readonly Dictionary<ulong, UnackedDelivery> _byTag = [];

    // No smaller tag is left.
    private ulong _floor = 1;

    public void Add(ulong tag, in UnackedDelivery delivery) => _byTag.Add(tag, delivery);

    public bool TryTake(ulong tag, out UnackedDelivery delivery) => _byTag.Remove(tag, out delivery);

    public bool Contains(ulong tag) => _byTag.ContainsKey(tag);

    /// <summary>Takes the oldest whose tag is at most <paramref name="last"/>.</summary>
    public bool TryTakeOldest(ulong last, out UnackedDelivery delivery)
    {
        delivery = default;
        while (_byTag.Count > 0 && _floor <= last)
        {
            if (_byTag.Remove(_floor++, out delivery))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>A delivery that waits for its acknowledgement.</summary>
internal readonly record struct UnackedDelivery(InMemoryConsumer Consumer, QueuedMessage Message)
{
    /// <summary>Counts it as done with; <see cref="InMemoryQueue.Dispatch"/> is due after it.</summary>
    public void Settle()
    {
        Consumer.Unacked--;
        Consumer.Queue.Settle();
    }

    public void GiveBack()
    {
        Settle();
        Consumer.Queue.GiveBack(Message);
    }
}
