using System.Globalization;

namespace RpcGen.Transport;

/// <summary>Why a connection or channel closed.</summary>
/// <param name="Reason">The reason as a clause for messages, such as <c>320 CONNECTION_FORCED - closed by operator</c>.</param>
/// <param name="Exception">The cause, if an exception was.</param>
internal sealed record TransportClosure(string Reason, Exception? Exception = null)
{
    /// <summary>Its owner in this process closed it.</summary>
    public static TransportClosure ByOwner { get; } = new("closed by this process") { IsNodeFine = true };

    /// <summary>The broker's reply code, one of <see cref="AmqpReplyCodes"/> or another; 0 if the broker gave none.</summary>
    public ushort ReplyCode { get; init; }

    /// <summary>Whether the broker was silent for too long. It can hang, or the network can be cut.</summary>
    public bool IsSilent { get; init; }

    /// <summary>Whether it was closed for a reason of this process, so that nothing is wrong with the node.</summary>
    public bool IsNodeFine { get; init; }

    /// <summary>Whether the broker closed the channel because it refused a message that was published on it.</summary>
    public bool IsPublishRefused { get; init; }

    /// <summary>
    /// Whether a frame came that broker or client did not expect. The broker goes on with the same settings, unlike after most
    /// other losses, which can be a restart.
    /// </summary>
    public bool IsProtocolError { get; init; }

    /// <summary>The broker closed it, with a reply code and a text.</summary>
    public static TransportClosure ByBroker(ushort replyCode, string replyText) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{replyCode} {replyText}"))
        {
            ReplyCode = replyCode,
            IsProtocolError = replyCode is >= AmqpReplyCodes.FrameError and <= AmqpReplyCodes.UnexpectedFrame,
        };
}
