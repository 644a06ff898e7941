using System.Collections.Concurrent;
using RpcGen.Transport;

namespace RpcGen.Server;

/// <summary>
/// Messages that were taken off the queue, acknowledged, while a broken one was looked for: they are nowhere else any more,
/// and wait here for a link that can answer them.
/// </summary>
internal sealed class TakenMessages : ITransportConsumer
{
    private readonly ConcurrentQueue<IncomingMessage> _messages = new();

    /// <summary>How many wait.</summary>
    public int Count => _messages.Count;

    public void OnDelivered(in IncomingMessage message) => _messages.Enqueue(message with { Body = message.Body.ToArray() });

    public void OnCancelledByBroker()
    {
        // Messages are taken one by one: there is no consumer.
    }

    /// <summary>Hands them over.</summary>
    public void MoveTo(ITransportConsumer consumer)
    {
        while (_messages.TryDequeue(out IncomingMessage message))
        {
            consumer.OnDelivered(in message);
        }
    }
}
