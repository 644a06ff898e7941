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
    /// <summary>Declares and consumes it; gives the consumer's tag.</summary>
    public async Task<string> OpenAsync(ITransportChannel channel, IRandomSource random, ushort prefetch, CancellationToken cancellationToken)
    {
        string queue = WireNames.BroadcastQueuePrefix + random.NextBits().ToString("x16", CultureInfo.InvariantCulture);
        await channel.DeclareQueueAsync(new QueueDeclaration(queue, QueueKind.Exclusive), cancellationToken).ConfigureAwait(false);
        await channel.BindFanoutAsync(requestQueue + WireNames.BroadcastExchangeSuffix, queue, cancellationToken).ConfigureAwait(false);
        return await channel.ConsumeAsync(queue, prefetch, this, cancellationToken).ConfigureAwait(false);
    }

    public void OnDelivered(in IncomingMessage message) => requests.OnDelivered(in message);

    public void OnCancelledByBroker() => onLost(new TransportClosure($"the broker cancelled the consumer of the queue for broadcasts to '{requestQueue}', for it was deleted"));
}
