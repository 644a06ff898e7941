using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace RpcGen.Transport.RabbitMq;

/// <summary>
/// Passes deliveries on. The client library calls it from one worker per channel, one call at a time, in the order of the
/// broker's frames. <see cref="Ended"/> relies on that.
/// </summary>
internal sealed class RabbitMqConsumer(IChannel channel, bool autoAck, ITransportConsumer consumer) : IAsyncBasicConsumer
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isStopped;

    /// <summary>Completes after the last delivery has been passed on.</summary>
    public Task Ended => _ended.Task;

    IChannel IAsyncBasicConsumer.Channel => channel;

    /// <summary>Copies a delivery into the transport's own type.</summary>
    public static IncomingMessage Read(ulong deliveryTag, bool redelivered, string exchange, string routingKey, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body)
    {
        IDictionary<string, object?>? headers = properties.Headers;
        bool isUnreadable = headers is not null && headers.ContainsKey(FieldTable.BlankName);
        return new IncomingMessage
        {
            DeliveryTag = deliveryTag,
            IsRedelivered = redelivered,
            Exchange = exchange,
            RoutingKey = routingKey,
            ContentType = properties.ContentType,
            ContentEncoding = properties.ContentEncoding,
            Type = properties.Type,
            CorrelationId = properties.CorrelationId,
            MessageId = properties.MessageId,
            ReplyTo = properties.ReplyTo,
            Priority = properties.Priority,
            Expiration = properties.Expiration,
            Timestamp = properties.Timestamp.UnixTime,
            UserId = properties.UserId,
            Headers = isUnreadable ? null : headers,
            IsUnreadable = isUnreadable,
            Body = body,
        };
    }

    /// <summary>Discards all later deliveries.</summary>
    public void Stop()
    {
        _isStopped = true;
        _ended.TrySetResult();
    }

    public Task HandleBasicDeliverAsync(
        string consumerTag,
        ulong deliveryTag,
        bool redelivered,
        string exchange,
        string routingKey,
        IReadOnlyBasicProperties properties,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken = default)
    {
        // When the channel closes, the broker requeues what still waits here, unless it was acknowledged automatically.
        bool isRequeued = !autoAck && !channel.IsOpen;
        if (_isStopped || isRequeued)
        {
            return Task.CompletedTask;
        }

        IncomingMessage message = Read(deliveryTag, redelivered, exchange, routingKey, properties, body);
        consumer.OnDelivered(in message);
        return Task.CompletedTask;
    }

    public Task HandleBasicCancelAsync(string consumerTag, CancellationToken cancellationToken = default)
    {
        Stop();
        consumer.OnCancelledByBroker();
        return Task.CompletedTask;
    }

    public Task HandleBasicCancelOkAsync(string consumerTag, CancellationToken cancellationToken = default)
    {
        Stop();
        return Task.CompletedTask;
    }

    public Task HandleBasicConsumeOkAsync(string consumerTag, CancellationToken cancellationToken = default) => Task.CompletedTask;

    public Task HandleChannelShutdownAsync(object channel, ShutdownEventArgs reason)
    {
        Stop();
        return Task.CompletedTask;
    }
}
