using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Server;

/// <summary>
/// A message of the request queue, from its delivery to its acknowledgement: what its calls share. It carries one call, or
/// several in a batch. Objects are used again.
/// </summary>
internal sealed class Delivery
{
    /// <summary>What to acknowledge it by; 0 where the broker regards it as acknowledged already.</summary>
    public ulong Tag { get; private set; }

    /// <summary>When it was delivered, as a timestamp of the clock.</summary>
    public long ReceivedAt { get; private set; }

    public bool IsRedelivered { get; private set; }

    public string? ReplyTo { get; private set; }

    public string? ContentType { get; private set; }

    public string? ContentEncoding { get; private set; }

    public long Timestamp { get; private set; }

    /// <summary>The headers as they came; null for none.</summary>
    public IDictionary<string, object?>? Headers { get; private set; }

    /// <summary>The caller's user, which the broker has checked; null where it does not say.</summary>
    public string? UserId { get; private set; }

    public byte Priority { get; private set; }

    /// <summary>How long the body was; it is only kept within the limit.</summary>
    public int BodyLength { get; private set; }

    /// <summary>The message's body. Belongs to its calls until the last one has ended.</summary>
    public PooledBuffer Body { get; } = new();

    /// <summary>The replies of a batch; null while it is not known to be one.</summary>
    public BatchReplies? Batch { get; set; }

    /// <summary>How far its acknowledgement is. The ledger's own, under its lock.</summary>
    public AckState Ack { get; set; }

    /// <summary>Whether its calls have ended. The ledger's own, under its lock.</summary>
    public bool IsEnded { get; set; }

    /// <summary>Whether its order among the acknowledgements still counts. The ledger's own, under its lock.</summary>
    public bool IsInOrder { get; set; }

    /// <summary>Starts the object's next use.</summary>
    public void Begin(in IncomingMessage message, long receivedAt, int maxBodyBytes)
    {
        Tag = message.DeliveryTag;
        ReceivedAt = receivedAt;
        IsRedelivered = message.IsRedelivered;
        ReplyTo = message.ReplyTo;
        ContentType = message.ContentType;
        ContentEncoding = message.ContentEncoding;
        Timestamp = message.Timestamp;
        Headers = message.Headers;
        UserId = string.IsNullOrEmpty(message.UserId) ? null : message.UserId;
        Priority = message.Priority;
        BodyLength = message.Body.Length;
        if (BodyLength <= maxBodyBytes)
        {
            Body.Write(message.Body.Span);
        }

        Ack = Tag == 0 ? AckState.Sent : AckState.Pending;
        IsEnded = false;
    }

    /// <summary>Ends the object's use.</summary>
    public void Reset()
    {
        Batch = null;
        ReplyTo = null;
        ContentType = null;
        ContentEncoding = null;
        Headers = null;
        UserId = null;
        Body.Reset();
    }
}

/// <summary>How far a delivery's acknowledgement is.</summary>
internal enum AckState
{
    /// <summary>Not due.</summary>
    Pending,

    /// <summary>To be acknowledged.</summary>
    Due,

    /// <summary>Acknowledged.</summary>
    Sent,
}
