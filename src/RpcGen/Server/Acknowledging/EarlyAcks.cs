using RpcGen.Transport;

namespace RpcGen.Server.Acknowledging;

/// <summary>
/// Acknowledges requests of at-most-once methods before they run. If the acknowledgement is lost with the connection, the broker
/// delivers the request again and marks it, and it is refused then. A broker that does not mark every redelivery is waited for
/// instead: the call runs once the broker has the acknowledgement. Calls that wait at the same time share a round trip. Thread-safe.
/// </summary>
/// <param name="acks">The deliveries of the channel.</param>
/// <param name="channel">The channel.</param>
/// <param name="waits">Whether the broker is waited for.</param>
internal sealed class EarlyAcks(AckTracker acks, ITransportChannel channel, bool waits)
{
    /// <summary>An exchange that each broker has, and that each user can look up. The broker answers after it has handled what came before on the channel.</summary>
    private const string Known = "amq.direct";

    private readonly Lock _gate = new();
    private List<Delivery> _deliveries = [];
    private TaskCompletionSource<bool>? _next;
    private bool _isAsking;

    /// <summary>Acknowledges a delivery whose call is about to run. The calls of a batch share a delivery, and call this once each.</summary>
    /// <returns>False if the channel was closed before the broker had the acknowledgement: the call must not run.</returns>
    public ValueTask<bool> AcknowledgeAsync(Delivery delivery)
    {
        if (!waits)
        {
            acks.MakeDueEarly(delivery);
            return new(true);
        }

        if (delivery.Tag == 0)
        {
            return new(true); // the broker forgot the message when it sent it
        }

        lock (_gate)
        {
            if (acks.TryBeginEarly(delivery))
            {
                _deliveries.Add(delivery);
            }

            _next ??= new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            var known = new ValueTask<bool>(_next.Task);
            if (!_isAsking)
            {
                _isAsking = true;
                _ = AskAsync();
            }

            return known;
        }
    }

    private async Task AskAsync()
    {
        while (TakeNext() is var (deliveries, waiting))
        {
            waiting.SetResult(await TrySendAsync(deliveries).ConfigureAwait(false));
        }
    }

    private (List<Delivery> Deliveries, TaskCompletionSource<bool> Waiting)? TakeNext()
    {
        lock (_gate)
        {
            if (_next is not { } waiting)
            {
                _isAsking = false;
                return null;
            }

            List<Delivery> deliveries = _deliveries;
            (_deliveries, _next) = ([], null);
            return (deliveries, waiting);
        }
    }

    private async Task<bool> TrySendAsync(List<Delivery> deliveries)
    {
        try
        {
            foreach (Delivery delivery in deliveries)
            {
                await channel.AckAsync(delivery.Tag, multiple: false, CancellationToken.None).ConfigureAwait(false);
                acks.EndEarly(delivery);
            }

            await channel.InspectExchangeAsync(Known, CancellationToken.None).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is TransportClosedException or TransportRefusedException)
        {
            return false; // the broker gives the requests that it did not see acknowledged to another server
        }
    }
}
