namespace RpcGen.Transport.InMemory;

/// <summary>A transient fanout exchange. Used while holding the broker's gate.</summary>
internal sealed class FanoutExchange
{
    private readonly List<InMemoryQueue> _queues = [];

    public bool IsUnbound => _queues.Count == 0;

    public void Bind(InMemoryQueue queue)
    {
        if (!_queues.Contains(queue))
        {
            _queues.Add(queue);
        }
    }

    /// <summary>Removes a binding. Returns false if it does not exist.</summary>
    public bool Unbind(InMemoryQueue queue) => _queues.Remove(queue);

    /// <summary>Adds a message to every queue. It is refused if any queue refuses it; null if no queue is bound.</summary>
    public PublishResult? Enqueue(InMemoryMessage message)
    {
        PublishResult? result = null;
        foreach (InMemoryQueue queue in _queues)
        {
            PublishResult ofQueue = queue.Enqueue(message);
            result = result is PublishResult.Refused ? result : ofQueue;
        }

        return result;
    }
}
