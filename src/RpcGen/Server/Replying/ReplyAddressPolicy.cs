using RpcGen.Protocol;

namespace RpcGen.Server.Replying;

/// <summary>
/// Decides where replies can go. A reply is published with the server's permissions to the address that the request names,
/// so a request must not be able to direct it into another service's request queue.
/// </summary>
internal static class ReplyAddressPolicy
{
    /// <summary>
    /// Whether <paramref name="replyTo"/> is a callback address: RpcGen's or RabbitMQ's own. Foreign clients of the bare style
    /// name their callback queues freely, so there every queue is allowed that this process does not serve.
    /// </summary>
    public static bool IsAllowed(string? replyTo, RpcBodyStyle style, Predicate<string> isServedHere) =>
        !string.IsNullOrEmpty(replyTo) &&
        (replyTo.StartsWith(WireNames.CallbackQueuePrefix, StringComparison.Ordinal) ||
         replyTo.StartsWith(WireNames.DirectReplyTo, StringComparison.Ordinal) ||
         (style == RpcBodyStyle.Bare && !isServedHere(replyTo)));
}
