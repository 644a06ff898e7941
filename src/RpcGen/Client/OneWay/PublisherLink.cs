using RpcGen.Transport;

namespace RpcGen.Client.OneWay;

/// <summary>
/// One life of a channel with publisher confirms. It knows which messages certainly reached nobody
/// when the channel was closed. Thread-safe.
/// </summary>
/// <param name="publisher">The channel.</param>
/// <param name="userName">The broker's user of the connection; null if it is unknown.</param>
/// <param name="turns">Whether messages wait for each other.</param>
internal sealed class PublisherLink(ITransportPublisher publisher, string? userName, TurnTaking turns = TurnTaking.Never) : IAsyncDisposable
{
    /// <summary>So low that later messages cannot raise the count above zero.</summary>
    private const int Retired = int.MinValue / 2;

    private readonly SemaphoreSlim _turn = new(1); // without a wait handle there is nothing to dispose
    private volatile Exception? _refusal;
    private long _published;
    private int _pending;
    private volatile bool _hasConfirmed;

    /// <summary>Whether the channel is closed.</summary>
    public bool IsClosed => publisher.Closed.IsCompleted;

    /// <summary>Ends the use of the link if nothing is being published: a message whose turn comes later is not sent.</summary>
    /// <returns>False if something is being published.</returns>
    public bool TryRetire() => Interlocked.CompareExchange(ref _pending, Retired, 0) == 0;

    /// <summary>The broker's user of the connection; null if it is unknown.</summary>
    public string? UserName => userName;

    /// <summary>Publishes a message and waits for its publisher confirm.</summary>
    /// <exception cref="TransportClosedException">The channel is closed. If nothing was sent, the channel is known as closed by then.</exception>
    /// <exception cref="ExchangeMissingException">The exchange does not exist, and the message reached nobody.</exception>
    /// <exception cref="PublishDeniedException">The broker does not let the user publish to the exchange.</exception>
    /// <exception cref="TransportRefusedException">The broker closed the channel because of this or another message.</exception>
    public async Task<PublishOutcome> PublishAsync(OutgoingMessage message, CancellationToken cancellationToken)
    {
        if (!TakesTurns)
        {
            return await PublishNowAsync(message, cancellationToken).ConfigureAwait(false);
        }

        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ThrowIfRefused();
            return await PublishNowAsync(message, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ExchangeMissingException or PublishDeniedException)
        {
            _refusal = e;
            throw;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => publisher.DisposeAsync();

    private bool TakesTurns => turns == TurnTaking.Always || (turns == TurnTaking.UntilConfirmed && !_hasConfirmed);

    /// <summary>The message before was refused a moment ago, and this one waited for it: it would be refused as well.</summary>
    private void ThrowIfRefused()
    {
        switch (_refusal)
        {
            case ExchangeMissingException missing:
                throw new ExchangeMissingException(missing);
            case PublishDeniedException denied:
                throw new PublishDeniedException(denied.Refusal, reachedNobody: true);
        }
    }

    private async Task<PublishOutcome> PublishNowAsync(OutgoingMessage message, CancellationToken cancellationToken)
    {
        int pending = Interlocked.Increment(ref _pending);
        try
        {
            if (pending <= 0)
            {
                throw new TransportClosedException(new TransportClosure("the channel was given up for another exchange"), nothingSent: true);
            }

            return await PublishPendingAsync(message, isAlone: pending == 1, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _pending);
        }
    }

    private async Task<PublishOutcome> PublishPendingAsync(OutgoingMessage message, bool isAlone, CancellationToken cancellationToken)
    {
        long number = Interlocked.Increment(ref _published);
        try
        {
            PublishOutcome outcome = await publisher.PublishAsync(in message, cancellationToken).ConfigureAwait(false);
            _hasConfirmed = true;
            return outcome;
        }
        catch (TransportRefusedException e) when (e.Code == AmqpReplyCodes.AccessRefused)
        {
            throw new PublishDeniedException(e, IsCertain(number, isAlone));
        }
        catch (TransportClosedException e) when (e is { NothingSent: false, Closure: { IsPublishRefused: true, ReplyCode: AmqpReplyCodes.AccessRefused } })
        {
            throw new PublishDeniedException(new TransportRefusedException(e.Closure.ReplyCode, e.Closure.Reason, e), IsCertain(number, isAlone));
        }
        catch (TransportRefusedException e) when (e.Code == AmqpReplyCodes.NotFound && ReachedNobody(number))
        {
            throw new ExchangeMissingException(e);
        }
        catch (TransportClosedException e) when (e is { NothingSent: false, Closure: { IsPublishRefused: true, ReplyCode: AmqpReplyCodes.NotFound } } && ReachedNobody(number))
        {
            throw new ExchangeMissingException(e); // the channel was closed while the message was being handed over
        }
        catch (TransportClosedException e) when (e.NothingSent)
        {
            await publisher.Closed.WaitAsync(cancellationToken).ConfigureAwait(false); // so that the next attempt gets another channel
            throw;
        }
    }

    /// <summary>
    /// Whether a message certainly reached nobody. The broker handles messages in order and stops at the first one that it
    /// refuses. If nothing was ever confirmed, that was the first one. Otherwise every message but the last can have been
    /// accepted before.
    /// </summary>
    private bool ReachedNobody(long number) => !_hasConfirmed || number == Volatile.Read(ref _published);

    /// <summary>As <see cref="ReachedNobody"/>, but the last message counts only if no other was pending: of two at a time, either can have been handed over first.</summary>
    private bool IsCertain(long number, bool isAlone) => ReachedNobody(number) && (isAlone || !_hasConfirmed);
}

/// <summary>The exchange to publish to does not exist.</summary>
internal sealed class ExchangeMissingException(Exception cause) : Exception(cause.Message, cause);

/// <summary>The broker does not let the connection's user publish to the exchange.</summary>
/// <param name="refusal">The refusal.</param>
/// <param name="reachedNobody">Whether the message certainly reached nobody.</param>
internal sealed class PublishDeniedException(TransportRefusedException refusal, bool reachedNobody) : Exception(refusal.Message, refusal)
{
    /// <summary>The refusal.</summary>
    public TransportRefusedException Refusal { get; } = refusal;

    /// <summary>Whether the message certainly reached nobody.</summary>
    public bool ReachedNobody { get; } = reachedNobody;
}
