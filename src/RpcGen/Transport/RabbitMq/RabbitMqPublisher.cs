using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace RpcGen.Transport.RabbitMq;

/// <summary>
/// A channel with publisher confirms. They are tracked here, not by the client library: that would send a header with each
/// message to know it again when it comes back, and take time for each confirm that grows with their number.
/// </summary>
internal sealed class RabbitMqPublisher : ITransportPublisher
{
    private readonly RabbitMqConnection _connection;
    private readonly RabbitMqChannel _channel;
    private readonly IChannel _library;
    private readonly Confirmations _confirmations = new();
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly CancellationTokenSource _ended = new();
    private ulong _next = 1;

    public RabbitMqPublisher(RabbitMqConnection connection, RabbitMqChannel channel, IChannel library)
    {
        _connection = connection;
        _channel = channel;
        _library = library;
        channel.Returned += message => _confirmations.Return(message.CorrelationId, message.Reason);
        library.BasicAcksAsync += OnAckAsync;
        library.BasicNacksAsync += OnNackAsync;
        _ = EndWithChannelAsync();
    }

    public Task<TransportClosure> Closed => _channel.Closed;

    public Task<PublishOutcome> PublishAsync(in OutgoingMessage message, CancellationToken cancellationToken) =>
        PublishAsync(message, message.IsMandatory ? message.CorrelationId.Number : 0, cancellationToken);

    public ValueTask DisposeAsync() => _channel.DisposeAsync();

    private async Task<PublishOutcome> PublishAsync(OutgoingMessage message, ulong returnId, CancellationToken cancellationToken)
    {
        Task<PublishOutcome> told;
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _ended.Token);
            told = await SendAsync(message, returnId, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TransportClosedException(Closed.Result, nothingSent: true);
        }

        return await told.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Hands a message to the library: the result completes with the broker's word.</summary>
    private async Task<Task<PublishOutcome>> SendAsync(OutgoingMessage message, ulong returnId, CancellationToken cancellationToken)
    {
        // The broker counts messages as they come: numbers are given in the order of sending.
        await _sending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            Task<PublishOutcome> told = _confirmations.Expect(_next, returnId);
            try
            {
                await _channel.PublishAsync(in message, cancellationToken).ConfigureAwait(false);
                _next++;
                return told;
            }
            catch
            {
                // It goes whole or not at all: the library takes its number back too.
                _confirmations.Forget(_next);
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
        _confirmations.Settle(args.DeliveryTag, args.Multiple, PublishResult.Confirmed);
        return Task.CompletedTask;
    }

    private Task OnNackAsync(object sender, BasicNackEventArgs args)
    {
        _confirmations.Settle(args.DeliveryTag, args.Multiple, PublishResult.Refused);
        return Task.CompletedTask;
    }

    private async Task EndWithChannelAsync()
    {
        TransportClosure closure = await _channel.Closed.ConfigureAwait(false);
        await _ended.CancelAsync().ConfigureAwait(false); // the library may wait for a socket that nobody reads from any more
        bool isRefused = _library.CloseReason is { Initiator: ShutdownInitiator.Peer, ClassId: 60, MethodId: 40 } reason && !_connection.IsClosedBy(reason);
        _confirmations.End(() => isRefused
            ? new TransportRefusedException(_library.CloseReason!.ReplyCode, _library.CloseReason.ReplyText)
            : new TransportClosedException(closure, nothingSent: false));
    }
}
