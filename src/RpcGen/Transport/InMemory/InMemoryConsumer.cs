using System.Buffers;

namespace RpcGen.Transport.InMemory;

/// <summary>A consumer of a queue.</summary>
internal sealed class InMemoryConsumer(
    InMemoryChannel channel, InMemoryQueue queue, string tag, ushort prefetch, ITransportConsumer target)
{
    /// <summary>Neither JSON nor UTF-8 text, and conspicuous in a debugger.</summary>
    private const byte Poison = 0xDB;

    public InMemoryChannel Channel { get; } = channel;

    public InMemoryQueue Queue { get; } = queue;

    public string Tag { get; } = tag;

    /// <summary>The maximum of unacknowledged deliveries; 0 for automatic acknowledgement.</summary>
    public ushort Prefetch { get; } = prefetch;

    /// <summary>The number of deliveries not yet acknowledged.</summary>
    public int Unacked { get; set; }

    /// <summary>Whether another delivery is within the prefetch.</summary>
    public bool HasRoom => Prefetch == 0 || Unacked < Prefetch;

    /// <summary>Receives the deliveries.</summary>
    public ITransportConsumer Target { get; } = target;

    /// <summary>Passes a message to a user and overwrites its body afterwards, because client libraries reuse their buffers.</summary>
    public static void Lend(ITransportConsumer target, in QueuedMessage message, ulong deliveryTag)
    {
        ReadOnlyMemory<byte> body = message.Message.Content.Body;
        byte[] lent = ArrayPool<byte>.Shared.Rent(body.Length);
        body.CopyTo(lent);
        try
        {
            target.OnDelivered(message.Message.ToIncoming(deliveryTag, message.IsRedelivered, lent.AsMemory(0, body.Length)));
        }
        finally
        {
            lent.AsSpan(0, body.Length).Fill(Poison);
            ArrayPool<byte>.Shared.Return(lent);
        }
    }
}
