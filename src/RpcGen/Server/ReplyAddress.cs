using RpcGen.Protocol;

namespace RpcGen.Server;

/// <summary>
/// Who may be answered. A reply goes wherever the request says, with the server's permissions: so a request must not be
/// able to direct it into somebody's request queue.
/// </summary>
internal static class ReplyAddress
{
    /// <summary>
    /// Whether <paramref name="replyTo"/> is a callback address: RpcGen's, RabbitMQ's, or in the bare style, whose foreign
    /// clients name their queues as they like, whatever this process does not serve.
    /// </summary>
    public static bool IsAllowed(string? replyTo, RpcBodyStyle style, Predicate<string> isServedHere) =>
        !string.IsNullOrEmpty(replyTo) &&
        (replyTo.StartsWith(WireNames.CallbackQueuePrefix, StringComparison.Ordinal) ||
         replyTo.StartsWith(WireNames.DirectReplyTo, StringComparison.Ordinal) ||
         (style == RpcBodyStyle.Bare && !isServedHere(replyTo)));
}
