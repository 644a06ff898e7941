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
    /// name their callback queues freely, so there every queue is allowed that this process does not serve. RabbitMQ's direct
    /// reply-to works through the default exchange only.
    /// </summary>
    /// <param name="replyTo">The address.</param>
    /// <param name="style">The style of the service.</param>
    /// <param name="replyExchange">The exchange for replies; empty for the default exchange.</param>
    /// <param name="isServedHere">Whether this process serves a queue.</param>
    public static bool IsAllowed(string? replyTo, RpcBodyStyle style, string replyExchange, Predicate<string> isServedHere) =>
        !string.IsNullOrEmpty(replyTo) &&
        (replyTo.StartsWith(WireNames.CallbackQueuePrefix, StringComparison.Ordinal) ||
         (replyExchange.Length == 0 && replyTo.StartsWith(WireNames.DirectReplyTo, StringComparison.Ordinal)) ||
         (style == RpcBodyStyle.Bare && !isServedHere(replyTo)));
}
