using RpcGen.Transport;

namespace RpcGen.Client;

/// <summary>One life of a channel with confirms, and what can be said of a message that was under way when it ended.</summary>
internal sealed class PublisherLink(ITransportPublisher publisher) : IAsyncDisposable
{
    private long _published;
    private volatile bool _hasConfirmed;

    public bool IsClosed => publisher.Closed.IsCompleted;

    /// <summary>Publishes, and waits for the broker's word.</summary>
    /// <exception cref="TransportClosedException">As told by the transport, where <see cref="TransportClosedException.NothingSent"/> only once the channel is known as closed.</exception>
    /// <exception cref="ExchangeMissingException">The exchange does not exist, and the message reached nobody.</exception>
    /// <exception cref="TransportRefusedException">The channel was closed over this or another message.</exception>
    public async Task<PublishOutcome> PublishAsync(OutgoingMessage message, CancellationToken cancellationToken)
    {
        long number = Interlocked.Increment(ref _published);
        try
        {
            PublishOutcome outcome = await publisher.PublishAsync(in message, cancellationToken).ConfigureAwait(false);
            _hasConfirmed = true;
            return outcome;
        }
        catch (TransportRefusedException e) when (e.Code == AmqpReplyCodes.NotFound && IsCertain(number))
        {
            throw new ExchangeMissingException(e);
        }
        catch (TransportClosedException e) when (!e.NothingSent && e.Closure.ReplyCode == AmqpReplyCodes.NotFound && IsCertain(number))
        {
            throw new ExchangeMissingException(e); // the close came while the message was being handed over
        }
        catch (TransportClosedException e) when (e.NothingSent)
        {
            await publisher.Closed.WaitAsync(cancellationToken).ConfigureAwait(false); // so that the next attempt gets another channel
            throw;
        }
    }

    public ValueTask DisposeAsync() => publisher.DisposeAsync();

    /// <summary>
    /// The broker takes messages in order and stops at the first whose exchange is missing: that or an earlier one than the
    /// last. Where the exchange was there before, an earlier one may have reached an instance that has gone since.
    /// </summary>
    private bool IsCertain(long number) => !_hasConfirmed || number == Volatile.Read(ref _published);
}

/// <summary>The exchange to publish to does not exist.</summary>
internal sealed class ExchangeMissingException(Exception cause) : Exception(cause.Message, cause);
