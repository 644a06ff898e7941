using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using RpcGen.Diagnostics;
using RpcGen.Transport;

namespace RpcGen.Server.Consuming;

/// <summary>
/// Gets a server past messages that cannot be decoded. Such a message closes the connection, returns to the queue, and would
/// close every connection from then on. It is among the first messages that the broker would deliver, so these suspects are
/// taken off the queue, acknowledged before they are decoded: the broken one closes the connection once more and is gone.
/// The others wait in memory and run on the next link that opens. No other server gets them if this one fails.
/// </summary>
/// <param name="queue">The request queue.</param>
/// <param name="maxSuspects">How many messages the broker delivers before it waits for acknowledgements.</param>
/// <param name="log">Where the recovery is logged.</param>
internal sealed class UndecodableMessageRecovery(string queue, int maxSuspects, ILogger log) : ITransportConsumer
{
    private readonly ConcurrentQueue<IncomingMessage> _taken = new();
    private volatile bool _isUnderWay;

    /// <summary>Whether an undecodable message closed the connection, and no link has lasted since.</summary>
    public bool IsUnderWay => _isUnderWay;

    /// <summary>Takes the suspects off the queue if an undecodable message closed the previous link; otherwise does nothing.</summary>
    /// <param name="channel">The channel of the next link.</param>
    /// <param name="last">How the previous link was lost; null for the first link.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="TransportClosedException">An undecodable message was among them, and is gone.</exception>
    public async Task TakeSuspectsAsync(ITransportChannel channel, TransportClosure? last, CancellationToken cancellationToken)
    {
        if (!_isUnderWay && last is not { IsUndecodableMessage: true })
        {
            return;
        }

        Log.UndecodableMessage(log, queue, maxSuspects);
        for (int count = 0; count < maxSuspects; count++)
        {
            if (!await channel.TakeOneAsync(queue, this, cancellationToken).ConfigureAwait(false))
            {
                return;
            }
        }
    }

    /// <summary>The next link could not be opened: if an undecodable message is the cause, the recovery goes on.</summary>
    public void OnOpenFailed(Exception exception) => _isUnderWay |= exception is TransportClosedException { Closure.IsUndecodableMessage: true };

    /// <summary>The next link is open: the recovery ends, and the link gets the messages that were taken.</summary>
    public void HandOver(ITransportConsumer link)
    {
        _isUnderWay = false;
        while (_taken.TryDequeue(out IncomingMessage message))
        {
            link.OnDelivered(in message);
        }
    }

    /// <summary>The server stops: logs how many messages were taken and are lost, because no link could run them.</summary>
    public void ReportLost()
    {
        if (!_taken.IsEmpty)
        {
            Log.TakenLost(log, queue, _taken.Count);
        }
    }

    void ITransportConsumer.OnDelivered(in IncomingMessage message) => _taken.Enqueue(message with { Body = message.Body.ToArray() });

    void ITransportConsumer.OnCancelledByBroker()
    {
        // Messages are taken one by one, without a consumer.
    }
}
