using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Server.Acknowledging;

/// <summary>
/// A message of the request queue, from its delivery to its acknowledgement. It carries one call or a batch of calls, which
/// share its properties and its body. Objects are pooled by the <see cref="AckTracker"/>.
/// </summary>
internal sealed class Delivery
{
    /// <summary>The end of the year 9999. Peers choose timestamps, and later ones overflow when they are subtracted.</summary>
    private const long LatestTimestamp = 253_402_300_799;

    /// <summary>The delivery tag; 0 if the broker regards the message as acknowledged already.</summary>
    public ulong Tag { get; private set; }

    /// <summary>When the message was delivered, as a timestamp of the clock.</summary>
    public long ReceivedAt { get; private set; }

    /// <summary>Whether the broker delivered the message before.</summary>
    public bool IsRedelivered { get; private set; }

    /// <summary>Whether the request waited in its queue when this server began to consume. Set before the delivery is handled.</summary>
    public bool WasWaiting { get; set; }

    /// <summary>Whether the request may have run before: the broker delivered it before, or its caller sent it again because a server sent it back.</summary>
    public bool MayHaveRun => IsRedelivered || AgainMessages.IsSentAgain(ContentType);

    /// <summary>The reply address as the caller sent it; unchecked.</summary>
    public string? ReplyTo { get; private set; }

    /// <summary><c>content_type</c>.</summary>
    public string? ContentType { get; private set; }

    /// <summary><c>content_encoding</c>.</summary>
    public string? ContentEncoding { get; private set; }

    /// <summary>When the caller sent the message, in seconds since 1970-01-01 of its own clock; 0 if unknown, or outside of the years that have four digits.</summary>
    public long Timestamp { get; private set; }

    /// <summary><c>expiration</c> as sent. The broker delivers no message that has waited longer.</summary>
    public string? Expiration { get; private set; }

    /// <summary>The headers as sent; null for none.</summary>
    public IDictionary<string, object?>? Headers { get; private set; }

    /// <summary>Whether the transport could not read the message: it must be refused.</summary>
    public bool IsUnreadable { get; private set; }

    /// <summary>The caller's broker user, verified by the broker; null if the caller does not send it, or if the message made a detour.</summary>
    public string? UserId { get; private set; }

    /// <summary><c>priority</c>; 0 for none.</summary>
    public byte Priority { get; private set; }

    /// <summary>The size of the body in bytes. A body over the size limit is not kept.</summary>
    public int BodyLength { get; private set; }

    /// <summary>Whether the consumer had credit left. If so, the message did not wait in the queue. Set by the tracker.</summary>
    public bool FoundCredit { get; set; }

    /// <summary>How long the message waited in the queue, by estimate.</summary>
    public TimeSpan Waited { get; set; }

    /// <summary>How long the message certainly waited in the queue.</summary>
    public TimeSpan WaitedAtLeast { get; set; }

    /// <summary>Why its one-way call failed or was refused, without what the server does not disclose; empty otherwise.</summary>
    public string RejectReason { get; set; } = "";

    /// <summary>The message's body. Its calls read it until the last one has ended.</summary>
    public PooledBuffer Body { get; } = new();

    /// <summary>How far the acknowledgement is. Written by the tracker under its lock.</summary>
    public AckState Ack { get; set; }

    /// <summary>Whether all calls of the delivery have ended. Accessed by the tracker under its lock.</summary>
    public bool IsEnded { get; set; }

    /// <summary>Whether the delivery is in the order of unacknowledged deliveries. Accessed by the tracker under its lock.</summary>
    public bool IsInOrder { get; set; }

    /// <summary>The delivery before this one in the order. Accessed by the tracker under its lock.</summary>
    public Delivery? Previous { get; set; }

    /// <summary>The delivery after this one in the order. Accessed by the tracker under its lock.</summary>
    public Delivery? Next { get; set; }

    /// <summary>Starts the next use of this object.</summary>
    public void Begin(in IncomingMessage message, long receivedAt, int maxBodyBytes)
    {
        Tag = message.DeliveryTag;
        ReceivedAt = receivedAt;
        IsRedelivered = message.IsRedelivered;
        ReplyTo = message.ReplyTo;
        ContentType = message.ContentType;
        ContentEncoding = message.ContentEncoding;
        Timestamp = message.Timestamp is > 0 and <= LatestTimestamp ? message.Timestamp : 0;
        Expiration = message.Expiration;
        Headers = message.Headers;
        IsUnreadable = message.IsUnreadable;
        UserId = string.IsNullOrEmpty(message.UserId) ? null : message.UserId;
        Priority = message.Priority;
        BodyLength = message.Body.Length;
        if (BodyLength <= maxBodyBytes)
        {
            Body.Write(message.Body.Span);
        }

        Ack = Tag == 0 ? AckState.Settled : AckState.Pending;
        IsEnded = false;
        FoundCredit = true;
        Waited = TimeSpan.Zero;
        WaitedAtLeast = TimeSpan.Zero;
        WasWaiting = false;
    }

    /// <summary>Drops the user, because another user can have routed the message here.</summary>
    public void MakeAnonymous() => UserId = null;

    /// <summary>Drops references and the body before the object returns to the pool.</summary>
    public void Reset()
    {
        ReplyTo = null;
        ContentType = null;
        ContentEncoding = null;
        Headers = null;
        UserId = null;
        RejectReason = "";
        Body.Reset();
    }
}
