using System.Text.RegularExpressions;

namespace RpcGen.Transport;

/// <summary>
/// Tells a queue that exists but cannot be reached from one that does not exist. The broker answers a question about either with 404
/// (NOT_FOUND): only the text tells them apart. A text of another form means that there is no such queue.
/// </summary>
internal static partial class UnreachableQueues
{
    /// <summary>Why a queue cannot be reached, as a predicate for messages ("queue 'q' is on node 'n', which …"); null if it does not exist.</summary>
    public static string? DescribeIn(ushort replyCode, string reason) =>
        replyCode != AmqpReplyCodes.NotFound ? null
        : HomeNodeText().Match(reason) is { Success: true } home ? $"is on node '{home.Groups[1].Value}', which is down or cannot be reached"
        : TimeoutText().IsMatch(reason) ? "is on a node that did not answer in time"
        : FailureText().IsMatch(reason) ? "has failed on the broker"
        : null;

    /// <summary>What to do, as sentences for messages.</summary>
    public const string Remedy = "Bring the node back. A quorum queue (RpcServerOptions.QueueType) continues without it.";

    [GeneratedRegex(@"home node '([^']+)' of .* is down or inaccessible")]
    private static partial Regex HomeNodeText();

    [GeneratedRegex(@"failed to perform operation on queue .* due to timeout")]
    private static partial Regex TimeoutText();

    [GeneratedRegex(@"queue .* (?:has crashed and failed to restart|process is stopped by supervisor)")]
    private static partial Regex FailureText();
}
