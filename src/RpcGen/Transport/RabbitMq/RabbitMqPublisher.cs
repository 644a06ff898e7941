using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace RpcGen.Transport.RabbitMq;

/// <summary>
/// A channel with publisher confirms. RpcGen tracks the confirms itself: the client library's own tracking adds a header to
/// each message, to recognise it when it is returned, and takes time for each confirm that grows with the number pending.
/// </summary>
internal sealed class RabbitMqPublisher : ITransportPublisher
{
    private readonly RabbitMqConnection _connection;
    private readonly RabbitMqChannel _channel;
    private readonly IChannel _library;
    private readonly PublisherConfirms _confirms = new();
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly CancellationTokenSource _closed = new();
    private ulong _nextSequence = 1;

    public RabbitMqPublisher(RabbitMqConnection connection, RabbitMqChannel channel, IChannel library)
    {
        _connection = connection;
        _channel = channel;
        _library = library;
        channel.Returned += message => _confirms.Return(message.CorrelationId, message.Reason);
        library.BasicAcksAsync += OnAckAsync;
        library.BasicNacksAsync += OnNackAsync;
        _ = CloseWithChannelAsync();
    }

    public Task<TransportClosure> Closed => _channel.Closed;

    public Task<PublishOutcome> PublishAsync(in OutgoingMessage message, CancellationToken cancellationToken) =>
        PublishAsync(message, message.IsMandatory ? message.CorrelationId.Number : 0, cancellationToken);

    public ValueTask DisposeAsync() => _channel.DisposeAsync();

    private async Task<PublishOutcome> PublishAsync(OutgoingMessage message, ulong returnId, CancellationToken cancellationToken)
    {
        Task<PublishOutcome> outcome;
        try
        {
            using var cancelledOrClosed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closed.Token);
            outcome = await SendAsync(message, returnId, cancelledOrClosed.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_closed.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TransportClosedException(Closed.Result, nothingSent: true);
        }

        return await outcome.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Passes a message to the library.</summary>
    /// <returns>A task that completes with the publisher confirm.</returns>
    private async Task<Task<PublishOutcome>> SendAsync(OutgoingMessage message, ulong returnId, CancellationToken cancellationToken)
    {
        // The broker counts messages in the order of arrival, so numbers are given in the order of sending.
        await _sending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            Task<PublishOutcome> outcome = _confirms.Add(_nextSequence, returnId);
            try
            {
                await _channel.PublishAsync(in message, cancellationToken).ConfigureAwait(false);
                _nextSequence++;
                return outcome;
            }
            catch
            {
                // The library sends a message whole or not at all. Like here, its next message gets the same number.
                _confirms.Remove(_nextSequence);
                throw;
            }
        }
        finally
        {
            _sending.Release();
        }
    }

    private Task OnAckAsync(object sender, BasicAckEventArgs args)
    {
        _confirms.Complete(args.DeliveryTag, args.Multiple, PublishResult.Confirmed);
        return Task.CompletedTask;
    }

    private Task OnNackAsync(object sender, BasicNackEventArgs args)
    {
        _confirms.Complete(args.DeliveryTag, args.Multiple, PublishResult.Refused);
        return Task.CompletedTask;
    }

    private async Task CloseWithChannelAsync()
    {
        TransportClosure closure = await _channel.Closed.ConfigureAwait(false);
        await _closed.CancelAsync().ConfigureAwait(false); // the library may wait for a socket that is no longer read
        ShutdownEventArgs? reason = _library.CloseReason;
        bool isPublishRefused = reason is not null && AmqpMethod.BasicPublish.IsRefusedBy(reason) && !_connection.IsClosedBy(reason);
        _confirms.Close(() => isPublishRefused
            ? new TransportRefusedException(reason!.ReplyCode, reason.ReplyText)
            : new TransportClosedException(closure, nothingSent: false));
    }
}
