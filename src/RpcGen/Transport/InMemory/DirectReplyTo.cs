namespace RpcGen.Transport.InMemory;

/// <summary>
/// RabbitMQ's direct reply-to: consuming from a pseudo-queue gives the channel an address of its own, which takes the
/// pseudo-queue's place in the <c>reply_to</c> of what the channel publishes.
/// </summary>
internal static class DirectReplyTo
{
    /// <summary>The pseudo-queue.</summary>
    public const string PseudoQueue = "amq.rabbitmq.reply-to";

    /// <summary>The address of a channel; it needs to be no secret within a process.</summary>
    public static string Address(int number) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{PseudoQueue}.{number}");
}
