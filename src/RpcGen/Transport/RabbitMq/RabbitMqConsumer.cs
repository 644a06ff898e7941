using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace RpcGen.Transport.RabbitMq;

/// <summary>
/// Hands deliveries on. The client library calls it from one worker per channel, one call at a time and in the order of the
/// broker's frames; <see cref="Ended"/> rests on that.
/// </summary>
internal sealed class RabbitMqConsumer(IChannel channel, bool autoAck, ITransportConsumer consumer) : IAsyncBasicConsumer
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isStopped;

    /// <summary>Completes when no further delivery comes: those that had arrived before are behind us.</summary>
    public Task Ended => _ended.Task;

    IChannel IAsyncBasicConsumer.Channel => channel;

    /// <summary>A message as the layers above see it.</summary>
    public static IncomingMessage Read(ulong deliveryTag, bool redelivered, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body)
    {
        IDictionary<string, object?>? headers = properties.Headers;
        bool isUnreadable = headers is not null && headers.ContainsKey(FieldTable.BlankName);
        return new IncomingMessage
        {
            DeliveryTag = deliveryTag,
            IsRedelivered = redelivered,
            ContentType = properties.ContentType,
            ContentEncoding = properties.ContentEncoding,
            Type = properties.Type,
            CorrelationId = properties.CorrelationId,
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

    /// <summary>Hands nothing on from here.</summary>
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
        // What waits in the library's queue when the channel closes goes back to the broker's, unless it was the last copy.
        if (_isStopped || (!autoAck && !channel.IsOpen))
        {
            return Task.CompletedTask;
        }

        IncomingMessage message = Read(deliveryTag, redelivered, properties, body);
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
