namespace RpcGen.Transport.InMemory;

/// <summary>A transient fanout exchange.</summary>
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

    public bool Unbind(InMemoryQueue queue) => _queues.Remove(queue);

    /// <summary>Gives a message to every queue, which all have to take it; null where there is none.</summary>
    public PublishResult? Enqueue(InMemoryMessage message)
    {
        PublishResult? result = null;
        foreach (InMemoryQueue queue in _queues)
        {
            PublishResult taken = queue.Enqueue(message);
            result = result is PublishResult.Refused ? result : taken;
        }

        return result;
    }
}
