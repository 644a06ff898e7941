using System.Buffers;

namespace RpcGen.Transport.InMemory;

/// <summary>A consumer of a queue.</summary>
internal sealed class InMemoryConsumer(
    InMemoryChannel channel, InMemoryQueue queue, string tag, ushort prefetch, ITransportConsumer target)
{
    // No JSON, no text, and conspicuous in a debugger.
    private const byte Poison = 0xDB;

    public InMemoryChannel Channel { get; } = channel;

    public InMemoryQueue Queue { get; } = queue;

    public string Tag { get; } = tag;

    /// <summary>How many deliveries may be unacknowledged; 0 for automatic acknowledgement.</summary>
    public ushort Prefetch { get; } = prefetch;

    /// <summary>Deliveries not yet acknowledged.</summary>
    public int Unacked { get; set; }

    public bool HasRoom => Prefetch == 0 || Unacked < Prefetch;

    /// <summary>Where the deliveries go.</summary>
    public ITransportConsumer Target { get; } = target;

    /// <summary>Lends a message to a user, its body spoiled afterwards, as a client library reuses its buffers.</summary>
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
