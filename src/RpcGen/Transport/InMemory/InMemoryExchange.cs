namespace RpcGen.Transport.InMemory;

/// <summary>An exchange. Used while holding the broker's gate.</summary>
/// <param name="isDirect">
/// Whether it is a durable direct exchange, which passes a message to the queue that its routing key names, rather than a
/// transient fanout exchange, which passes it to every queue.
/// </param>
internal sealed class InMemoryExchange(bool isDirect)
{
    private readonly List<InMemoryQueue> _queues = [];

    public bool IsDirect => isDirect;

    public void Bind(InMemoryQueue queue)
    {
        if (!_queues.Contains(queue))
        {
            _queues.Add(queue);
        }
    }

    /// <summary>Removes a binding, if it exists.</summary>
    public void Unbind(InMemoryQueue queue) => _queues.Remove(queue);

    /// <summary>Adds a message to every matching queue. It is refused if any queue refuses it; null if no queue matches.</summary>
    public PublishResult? Enqueue(InMemoryMessage message)
    {
        PublishResult? result = null;
        foreach (InMemoryQueue queue in _queues)
        {
            if ((!isDirect || queue.Declaration.Name == message.Content.RoutingKey) && !queue.IsExpired)
            {
                PublishResult ofQueue = queue.Enqueue(message);
                result = result is PublishResult.Refused ? result : ofQueue;
            }
        }

        return result;
    }
}
