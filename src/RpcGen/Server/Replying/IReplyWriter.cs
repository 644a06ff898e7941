using RpcGen.Server.Acknowledging;

namespace RpcGen.Server.Replying;

/// <summary>
/// Writes the replies to the calls of a delivery, then ends the delivery. <see cref="SingleReplies"/> sends each reply in a
/// message of its own, <see cref="BatchReplies"/> gathers them. Thread-safe.
/// </summary>
internal interface IReplyWriter
{
    /// <summary>Writes the reply to one call. Never throws.</summary>
    /// <returns>False if it could not be sent: the broker must keep the request for another server.</returns>
    ValueTask<bool> WriteAsync(in CallReply reply);

    /// <summary>Sends the replies that are gathered. Never throws.</summary>
    Task FlushAsync();

    /// <summary>
    /// A call of the delivery, which goes on, needs the request no more, and is not answered here. Must not block. Called before the call ends.
    /// </summary>
    /// <param name="held">The delivery that the call came in.</param>
    void Detach(Delivery held);

    /// <summary>Notes that a call of the delivery has ended; its reply, if any, was written before.</summary>
    /// <param name="ended">The delivery that the call came in.</param>
    /// <param name="acknowledge">Whether the call needs the request no more.</param>
    /// <param name="wasDetached">Whether it was detached before.</param>
    void EndCall(Delivery ended, bool acknowledge, bool wasDetached = false);
}
