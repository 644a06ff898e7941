using System.Globalization;
using System.Text.RegularExpressions;

namespace RpcGen.Transport;

/// <summary>
/// Recognizes the limits of the broker that a refusal with 406 (PRECONDITION_FAILED) names. AMQP has one code for all of them, so
/// only the text distinguishes them. A text of another form names no limit.
/// </summary>
internal static partial class BrokerLimits
{
    /// <summary>The broker's <c>consumer_timeout</c>, if a delivery that was unacknowledged for too long is the reason; otherwise null.</summary>
    public static TimeSpan? ConsumerTimeoutIn(TransportClosure closure) =>
        closure.ReplyCode == AmqpReplyCodes.PreconditionFailed
        && ConsumerTimeoutText().Match(closure.Reason) is { Success: true } match
        && long.TryParse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out long milliseconds)
        && milliseconds is > 0 and <= uint.MaxValue
            ? TimeSpan.FromMilliseconds(milliseconds)
            : null;

    /// <summary>The broker's <c>max_message_size</c>, if a message above it is the reason; otherwise null.</summary>
    /// <param name="replyCode">The broker's reply code.</param>
    /// <param name="reason">The broker's text.</param>
    public static int? MessageSizeIn(ushort replyCode, string reason) =>
        replyCode == AmqpReplyCodes.PreconditionFailed
        && MessageSizeText().Match(reason) is { Success: true } match
        && int.TryParse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out int bytes)
            ? bytes
            : null;

    [GeneratedRegex(@"delivery acknowledgement on channel \d+ timed out\. Timeout value used: (\d+) ms")]
    private static partial Regex ConsumerTimeoutText();

    [GeneratedRegex(@"message size \d+ is larger than (?:configured )?max size (\d+)")]
    private static partial Regex MessageSizeText();
}
