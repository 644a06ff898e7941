using System.Globalization;
using RpcGen.Protocol;
using RpcGen.Runtime;
using RpcGen.Transport;

namespace RpcGen.Server;

/// <summary>
/// Where an instance gets the calls that are for all of them: an exclusive queue of its own on the exchange of the request
/// queue. What comes here goes the way of every request, and shares its places.
/// </summary>
internal sealed class BroadcastQueue(ITransportConsumer requests, Action<TransportClosure> onLost, string requestQueue) : ITransportConsumer
{
    /// <summary>Declares, consumes and binds it; gives the consumer's tag.</summary>
    public async Task<string> OpenAsync(ITransportChannel channel, IRandomSource random, ushort prefetch, CancellationToken cancellationToken)
    {
        string queue = WireNames.BroadcastQueuePrefix + random.NextBits().ToString("x16", CultureInfo.InvariantCulture);
        await channel.DeclareQueueAsync(new QueueDeclaration(queue, QueueKind.Exclusive), cancellationToken).ConfigureAwait(false);
        string consumerTag = await channel.ConsumeAsync(queue, prefetch, this, cancellationToken).ConfigureAwait(false);

        // Bound last: a queue that has a consumer goes with its channel, and one that has none would collect broadcasts for ever.
        await channel.BindFanoutAsync(requestQueue + WireNames.BroadcastExchangeSuffix, queue, cancellationToken).ConfigureAwait(false);
        return consumerTag;
    }

    public void OnDelivered(in IncomingMessage message) => requests.OnDelivered(in message);

    public void OnCancelledByBroker() => onLost(new TransportClosure($"the broker cancelled the consumer of the queue for broadcasts to '{requestQueue}', for it was deleted"));
}
