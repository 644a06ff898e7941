namespace RpcGen.Transport.InMemory;

/// <summary>The unacknowledged deliveries of a channel, by delivery tag. Used while holding the broker's gate.</summary>
internal sealed class UnackedDeliveries
{
    private readonly Dictionary<ulong, UnackedDelivery> _byTag = [];

    /// <summary>No smaller tag is left.</summary>
    private ulong _oldest = 1;

    public void Add(ulong tag, in UnackedDelivery delivery) => _byTag.Add(tag, delivery);

    public bool TryTake(ulong tag, out UnackedDelivery delivery) => _byTag.Remove(tag, out delivery);

    public bool Contains(ulong tag) => _byTag.ContainsKey(tag);

    /// <summary>Takes the oldest delivery with a tag of at most <paramref name="last"/>.</summary>
    public bool TryTakeOldest(ulong last, out UnackedDelivery delivery)
    {
        delivery = default;
        while (_byTag.Count > 0 && _oldest <= last)
        {
            if (_byTag.Remove(_oldest++, out delivery))
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
    /// <summary>Counts the delivery as acknowledged or returned. The caller calls <see cref="InMemoryQueue.Dispatch"/> afterwards.</summary>
    public void Settle()
    {
        Consumer.Unacked--;
        Consumer.Queue.Settle();
    }

    /// <summary>Returns the message to its queue. The caller calls <see cref="InMemoryQueue.Dispatch"/> afterwards.</summary>
    public void GiveBack()
    {
        Settle();
        Consumer.Queue.GiveBack(Message);
    }
}
