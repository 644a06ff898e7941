using System.Globalization;
using RpcGen.Protocol;
using RpcGen.Runtime;
using RpcGen.Server.Running;
using RpcGen.Streams;
using RpcGen.Transport;

namespace RpcGen.Server.Consuming;

/// <summary>
/// An exclusive queue for messages to this instance rather than to its service: cancels, which have no type and name a call by
/// its reply address and correlation id, questions about the instance, and messages of callers of long calls that have lost its queue for streams. The broker delivers them even if every place of a
/// call is taken. Unknown types are ignored, so later versions can send other kinds.
/// </summary>
internal sealed class InstanceInbox(CancelledCalls cancelled, InstanceQuestions questions, ServedLongCalls? longCalls, string requestQueue) : ITransportConsumer
{
    private readonly DirectRoute _route = DirectRoute.OfInstances(requestQueue);

    /// <summary>Declares the queue, consumes it, and binds it to the request queue's exchange for cancels.</summary>
    /// <returns>The queue's name.</returns>
    public async Task<string> OpenAsync(ITransportChannel channel, IRandomSource random, CancellationToken cancellationToken)
    {
        string queue = WireNames.CancelQueuePrefix + random.NextBits().ToString("x16", CultureInfo.InvariantCulture);
        await channel.DeclareQueueAsync(new QueueDeclaration(queue, QueueKind.Exclusive), cancellationToken).ConfigureAwait(false);
        await channel.ConsumeAsync(queue, prefetch: 0, this, cancellationToken).ConfigureAwait(false);

        // Bound last: a queue that has had a consumer is deleted with its channel. A bound queue without one would fill up.
        await channel.BindFanoutAsync(requestQueue + WireNames.CancelExchangeSuffix, queue, cancellationToken).ConfigureAwait(false);
        return queue;
    }

    /// <summary>
    /// A peer that can ask all services must not be able to cancel their calls, so cancels do not count if they come through that exchange, and neither do
    /// messages of callers that have lost their server.
    /// </summary>
    public void OnDelivered(in IncomingMessage message)
    {
        if (message is { Type: StreamMessageKinds.Waiting, IsUnreadable: false } && message.Exchange != WireNames.ServicesExchange)
        {
            longCalls?.OnMoved(in message);
        }
        else if (!string.IsNullOrEmpty(message.Type))
        {
            questions.Accept(in message, isDirect: _route.IsWayOf(in message));
        }
        else if (message.Exchange != WireNames.ServicesExchange && message is { IsUnreadable: false, ReplyTo: { } replyTo, CorrelationId: { } correlationId })
        {
            cancelled.Add(replyTo, correlationId, message.Expiration);
        }
    }

    public void OnCancelledByBroker()
    {
        // The queue was deleted. Cancels no longer arrive, but deadlines still end calls.
    }
}
