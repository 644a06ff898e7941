using RpcGen.Transport;

namespace RpcGen.Client.OneWay;

/// <summary>
/// One life of a channel with publisher confirms. It knows which messages certainly reached nobody
/// when the channel was closed. Thread-safe.
/// </summary>
internal sealed class PublisherLink(ITransportPublisher publisher, string? userName) : IAsyncDisposable
{
    private long _published;
    private volatile bool _hasConfirmed;

    /// <summary>Whether the channel is closed.</summary>
    public bool IsClosed => publisher.Closed.IsCompleted;

    /// <summary>The broker's user of the connection; null if it is unknown.</summary>
    public string? UserName => userName;

    /// <summary>Publishes a message and waits for its publisher confirm.</summary>
    /// <exception cref="TransportClosedException">The channel is closed. If nothing was sent, the channel is known as closed by then.</exception>
    /// <exception cref="ExchangeMissingException">The exchange does not exist, and the message reached nobody.</exception>
    /// <exception cref="TransportRefusedException">The broker closed the channel because of this or another message.</exception>
    public async Task<PublishOutcome> PublishAsync(OutgoingMessage message, CancellationToken cancellationToken)
    {
        long number = Interlocked.Increment(ref _published);
        try
        {
            PublishOutcome outcome = await publisher.PublishAsync(in message, cancellationToken).ConfigureAwait(false);
            _hasConfirmed = true;
            return outcome;
        }
        catch (TransportRefusedException e) when (e.Code == AmqpReplyCodes.NotFound && ReachedNobody(number))
        {
            throw new ExchangeMissingException(e);
        }
        catch (TransportClosedException e) when (!e.NothingSent && e.Closure.ReplyCode == AmqpReplyCodes.NotFound && ReachedNobody(number))
        {
            throw new ExchangeMissingException(e); // the channel was closed while the message was being handed over
        }
        catch (TransportClosedException e) when (e.NothingSent)
        {
            await publisher.Closed.WaitAsync(cancellationToken).ConfigureAwait(false); // so that the next attempt gets another channel
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => publisher.DisposeAsync();

    /// <summary>
    /// Whether a message certainly reached nobody. The broker handles messages in order and stops at the first one whose
    /// exchange is missing. If nothing was ever confirmed, the exchange was missing from the start. Otherwise an instance
    /// that has stopped since can have received every message but the last.
    /// </summary>
    private bool ReachedNobody(long number) => !_hasConfirmed || number == Volatile.Read(ref _published);
}

/// <summary>The exchange to publish to does not exist.</summary>
internal sealed class ExchangeMissingException(Exception cause) : Exception(cause.Message, cause);
