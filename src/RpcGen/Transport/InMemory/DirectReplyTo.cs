using System.Globalization;

namespace RpcGen.Transport.InMemory;

/// <summary>
/// RabbitMQ's direct reply-to. A channel that consumes from the pseudo-queue gets an address of its own. It replaces the
/// pseudo-queue in the <c>reply_to</c> of what the channel publishes.
/// </summary>
internal static class DirectReplyTo
{
    /// <summary>The pseudo-queue.</summary>
    public const string PseudoQueue = "amq.rabbitmq.reply-to";

    /// <summary>The address of a channel. Unlike RabbitMQ's it can be guessed, which does no harm within a process.</summary>
    public static string Address(int number) => string.Create(CultureInfo.InvariantCulture, $"{PseudoQueue}.{number}");
}
