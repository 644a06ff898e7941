using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace RpcGen.Transport.RabbitMq;

/// <summary>
/// A channel with publisher confirms that are events. The client library's own tracking of confirms stays off: it allocates a kilobyte
/// for each message, and waits.
/// </summary>
internal sealed class RabbitMqConfirmedChannel : IConfirmedChannel
{
    private readonly RabbitMqChannel _channel;

    public RabbitMqConfirmedChannel(RabbitMqChannel channel, IChannel library)
    {
        _channel = channel;
        library.BasicAcksAsync += OnAckAsync;
        library.BasicNacksAsync += OnNackAsync;
    }

    public event Action<ReturnedMessage>? Returned
    {
        add => _channel.Returned += value;
        remove => _channel.Returned -= value;
    }

    public event Action<PublishConfirm>? Confirmed;

    public Task<TransportClosure> Closed => _channel.Closed;

    public ValueTask PublishAsync(in OutgoingMessage message, CancellationToken cancellationToken) => _channel.PublishAsync(in message, cancellationToken);

    public ValueTask DisposeAsync() => _channel.DisposeAsync();

    private Task OnAckAsync(object sender, BasicAckEventArgs args)
    {
        Confirmed?.Invoke(new PublishConfirm(args.DeliveryTag, args.Multiple, IsRefused: false));
        return Task.CompletedTask;
    }

    private Task OnNackAsync(object sender, BasicNackEventArgs args)
    {
        Confirmed?.Invoke(new PublishConfirm(args.DeliveryTag, args.Multiple, IsRefused: true));
        return Task.CompletedTask;
    }
}
