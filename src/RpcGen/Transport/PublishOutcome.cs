namespace RpcGen.Transport;

/// <summary>The outcome of a message that was published with publisher confirms.</summary>
/// <param name="Result">Whether the broker accepted the message.</param>
/// <param name="Reason">The broker's reply text if the message was returned; otherwise null.</param>
internal readonly record struct PublishOutcome(PublishResult Result, string? Reason = null);

/// <summary>Whether the broker accepted a message.</summary>
internal enum PublishResult
{
    /// <summary>
    /// Every queue that the message was routed to has it (<c>basic.ack</c>), on disk if both queue and message are durable.
    /// </summary>
    Confirmed,

    /// <summary>No queue matched a mandatory message (<c>basic.return</c>).</summary>
    Returned,

    /// <summary>A queue refused the message (<c>basic.nack</c>): a full queue with <c>x-overflow=reject-publish</c> does.</summary>
    Refused,
}
