using System.Globalization;
using RpcGen.Protocol;
using RpcGen.Runtime;
using RpcGen.Transport;

namespace RpcGen.Server.Consuming;

/// <summary>
/// An exclusive queue on which this instance gets the calls that are sent to every instance. They are handled like other
/// requests, and count towards the same limit of concurrent calls.
/// </summary>
/// <param name="requests">Takes the requests.</param>
/// <param name="onLost">Called when the queue is deleted.</param>
/// <param name="requestQueue">The request queue, whose name the broadcast exchange's name starts with.</param>
internal sealed class BroadcastQueue(IRequestIntake requests, Action<TransportClosure> onLost, string requestQueue) : ITransportConsumer
{
    private readonly DirectRoute _route = DirectRoute.OfBroadcasts(requestQueue);

    /// <summary>Declares the queue, consumes it and binds it.</summary>
    /// <returns>The consumer's tag.</returns>
    public async Task<string> OpenAsync(ITransportChannel channel, IRandomSource random, ushort prefetch, CancellationToken cancellationToken)
    {
        string queue = WireNames.BroadcastQueuePrefix + random.NextBits().ToString("x16", CultureInfo.InvariantCulture);
        await channel.DeclareQueueAsync(new QueueDeclaration(queue, QueueKind.Exclusive), cancellationToken).ConfigureAwait(false);
        string consumerTag = await channel.ConsumeAsync(queue, prefetch, this, cancellationToken).ConfigureAwait(false);

        // Bound last: a queue that has had a consumer is deleted with its channel. A bound queue without one would fill up.
        await channel.BindFanoutAsync(requestQueue + WireNames.BroadcastExchangeSuffix, queue, cancellationToken).ConfigureAwait(false);
        return consumerTag;
    }

    public void OnDelivered(in IncomingMessage message) => requests.Accept(in message, _route);

    public void OnCancelledByBroker() => onLost(new TransportClosure($"the broker cancelled the consumer of the queue for broadcasts to '{requestQueue}', because the queue was deleted"));
}
