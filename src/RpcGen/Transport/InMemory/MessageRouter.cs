using System.Globalization;

namespace RpcGen.Transport.InMemory;

/// <summary>Checks published messages as RabbitMQ does, and routes them to queues. Used while holding the broker's gate.</summary>
internal static class MessageRouter
{
    /// <summary>The largest message, as in RabbitMQ since 4.0.</summary>
    public const int MaxMessageBytes = 16 * 1024 * 1024;

    private static readonly string NoRoute = string.Create(CultureInfo.InvariantCulture, $"{AmqpReplyCodes.NoRoute} NO_ROUTE");

    /// <summary>Routes a message that a channel publishes.</summary>
    /// <exception cref="TransportRefusedException">The message breaks a rule. Closes the channel.</exception>
    public static PublishOutcome Publish(InMemoryBroker broker, InMemoryChannel channel, InMemoryMessage message)
    {
        ref readonly OutgoingMessage content = ref message.Content;
        string user = channel.Connection.Peer.UserName;
        if (broker.Topology.IsForbidden(user, content.Exchange))
        {
            string name = content.Exchange.Length == 0 ? "amq.default" : content.Exchange;
            throw channel.RefuseMessage(AmqpReplyCodes.AccessRefused, $"ACCESS_REFUSED - access to exchange '{name}' in vhost '/' refused for user '{user}'");
        }

        if (ViolationOf(in content, channel.Connection.Peer) is { } violation)
        {
            throw channel.RefuseMessage(AmqpReplyCodes.PreconditionFailed, $"PRECONDITION_FAILED - {violation}");
        }

        if (content.Expiration > 0)
        {
            message.ExpiresAt = broker.NowPlus(content.Expiration);
        }

        if (Route(broker.Topology, channel, message) is { } result)
        {
            return new PublishOutcome(result);
        }

        if (!content.IsMandatory)
        {
            return new PublishOutcome(PublishResult.Confirmed); // RabbitMQ confirms unroutable messages as well
        }

        channel.Return(message, NoRoute);
        return new PublishOutcome(PublishResult.Returned, NoRoute);
    }

    /// <summary>A consumer rejected a message of a queue: moves it to the queue's dead-letter queue, if there is one.</summary>
    public static void DeadLetter(InMemoryBroker broker, InMemoryQueue queue, InMemoryMessage message)
    {
        if (broker.Topology.PolicyOf(queue).DeadLetterQueue is { } name)
        {
            broker.Topology.Find(name)?.Enqueue(message.DeadLettered(queue.Declaration.Name, name));
        }
    }

    private static string? ViolationOf(in OutgoingMessage content, Peer peer)
    {
        if (content.Body.Length > MaxMessageBytes)
        {
            return string.Create(CultureInfo.InvariantCulture, $"message size {content.Body.Length} is larger than configured max size {MaxMessageBytes}");
        }

        if (content.Expiration < 0)
        {
            return string.Create(CultureInfo.InvariantCulture, $"invalid expiration '{content.Expiration}'");
        }

        if (content.ReplyTo == DirectReplyTo.PseudoQueue)
        {
            return "fast reply consumer does not exist"; // with a consumer, the message has the reply address instead
        }

        return content.UserId is { } userId && userId != peer.UserName
            ? $"user_id property set to '{userId}' but authenticated user was '{peer.UserName}'"
            : null;
    }

    /// <summary>Whether the queues of a message accepted it; null if no queue matches.</summary>
    private static PublishResult? Route(Topology topology, InMemoryChannel channel, InMemoryMessage message)
    {
        ref readonly OutgoingMessage content = ref message.Content;
        bool isDefaultExchange = content.Exchange.Length == 0;
        if (isDefaultExchange)
        {
            return topology.Find(content.RoutingKey)?.Enqueue(message);
        }

        return topology.FindExchange(content.Exchange) is { } exchange
            ? exchange.Enqueue(message)
            : throw channel.RefuseMessage(AmqpReplyCodes.NotFound, $"NOT_FOUND - no exchange '{content.Exchange}' in vhost '/'");
    }
}
