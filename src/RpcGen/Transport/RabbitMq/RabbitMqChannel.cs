using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace RpcGen.Transport.RabbitMq;

/// <summary>An open channel: publishes, acknowledges, consumes, and closes. <see cref="BrokerRequests"/> does what the broker answers.</summary>
internal sealed class RabbitMqChannel : ITransportChannel
{
    private readonly RabbitMqConnection _connection;
    private readonly IChannel _channel;
    private readonly ChannelEnd _end = new();
    private readonly BrokerRequests _requests;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, RabbitMqConsumer> _consumers = [];
    private int _lastConsumer;
    private Task? _disposal;

    public RabbitMqChannel(RabbitMqConnection connection, IChannel channel)
    {
        _connection = connection;
        _channel = channel;
        _requests = new BrokerRequests(connection, channel, _end, Close);
    }

    public event Action<ReturnedMessage>? Returned;

    public Task<TransportClosure> Closed => _end.Closed;

    public bool IsOpen => _channel.IsOpen;

    /// <summary>Subscribes to the library's channel.</summary>
    public void Start()
    {
        _channel.BasicReturnAsync += OnReturnedAsync;
        _channel.ChannelShutdownAsync += OnShutdownAsync;

        // The channel can close between its opening and the subscription.
        if (_channel.CloseReason is { } reason)
        {
            Close(reason.ToClosure());
        }
    }

    public ValueTask PublishAsync(in OutgoingMessage message, CancellationToken cancellationToken)
    {
        var properties = new OutgoingProperties(in message);
        if (message.Headers is not null && IsTooLarge(in properties, out _))
        {
            OutgoingMessage shorter = message.WithoutOptionalHeaders();
            properties = new OutgoingProperties(in shorter);
            ThrowIfTooLarge(in properties);
        }

        // The library copies the body before it waits for the socket. It would wait earlier only for its own confirm tracking
        // and for channel.flow: the first is off, and RabbitMQ does not use the second. A cancelled wait leaves nothing
        // behind: the library sends a message whole or not at all.
        return SentAsync(_channel.BasicPublishAsync(
            message.Exchange, message.RoutingKey, message.IsMandatory, properties, message.Body, _end.OrAbandoned(cancellationToken)));
    }

    public ValueTask AckAsync(ulong deliveryTag, bool multiple, CancellationToken cancellationToken)
    {
        try
        {
            return SentAsync(_channel.BasicAckAsync(deliveryTag, multiple, _end.OrAbandoned(cancellationToken)));
        }
        catch (Exception e) when (ShutdownReasons.MeansClosed(e))
        {
            return ValueTask.FromException(_end.ToException(e));
        }
    }

    public ValueTask RequeueAsync(ulong deliveryTag, CancellationToken cancellationToken) => RejectAsync(deliveryTag, requeue: true, cancellationToken);

    public ValueTask RejectAsync(ulong deliveryTag, CancellationToken cancellationToken) => RejectAsync(deliveryTag, requeue: false, cancellationToken);

    public Task DeclareQueueAsync(QueueDeclaration queue, CancellationToken cancellationToken) => _requests.DeclareQueueAsync(queue, cancellationToken);

    public Task<QueueState> InspectQueueAsync(string queue, CancellationToken cancellationToken) => _requests.InspectQueueAsync(queue, cancellationToken);

    public Task BindFanoutAsync(string exchange, string queue, CancellationToken cancellationToken) =>
        _requests.BindFanoutAsync(exchange, queue, cancellationToken);

    public Task InspectExchangeAsync(string exchange, CancellationToken cancellationToken) => _requests.InspectExchangeAsync(exchange, cancellationToken);

    public Task DeclareDirectAsync(string exchange, CancellationToken cancellationToken) => _requests.DeclareDirectAsync(exchange, cancellationToken);

    public Task BindDirectAsync(string exchange, string queue, CancellationToken cancellationToken) => _requests.BindAsync(exchange, queue, routingKey: queue, cancellationToken);

    public async Task<string> ConsumeAsync(string queue, ushort prefetch, ITransportConsumer consumer, CancellationToken cancellationToken)
    {
        var deliveries = new RabbitMqConsumer(_channel, autoAck: prefetch == 0, consumer);
        string tag = $"c{Interlocked.Increment(ref _lastConsumer)}"; // short: the library allocates it with each delivery
        lock (_lock)
        {
            _consumers.Add(tag, deliveries);
        }

        try
        {
            return await _requests.ConsumeAsync(queue, prefetch, tag, deliveries, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            deliveries.Stop();
            if (e is OperationCanceledException)
            {
                // The broker may deliver to this consumer all the same. Only closing the channel requeues these deliveries.
                _ = DisposeAsync().AsTask();
            }

            throw;
        }
    }

    public async Task CancelConsumerAsync(string consumerTag, CancellationToken cancellationToken)
    {
        await _requests.CancelConsumerAsync(consumerTag, cancellationToken).ConfigureAwait(false);
        RabbitMqConsumer? consumer;
        lock (_lock)
        {
            _consumers.Remove(consumerTag, out consumer);
        }

        if (consumer is not null)
        {
            // The library reports the broker's answer before the deliveries that still wait in its queue.
            await Task.WhenAny(consumer.Ended, Closed).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Closes the channel without a word to the broker. Only the first reason counts.</summary>
    public void Close(TransportClosure closure)
    {
        if (_end.TrySetReason(closure))
        {
            _ = Task.Run(() => CompleteAsync(closure)); // the library must not wait for it
        }
    }

    public ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _disposal ??= Task.Run(DisposeCoreAsync);
        }

        return new ValueTask(_disposal);
    }

    private ValueTask RejectAsync(ulong deliveryTag, bool requeue, CancellationToken cancellationToken)
    {
        try
        {
            return SentAsync(_channel.BasicRejectAsync(deliveryTag, requeue, _end.OrAbandoned(cancellationToken)));
        }
        catch (Exception e) when (ShutdownReasons.MeansClosed(e))
        {
            return ValueTask.FromException(_end.ToException(e));
        }
    }

    private ValueTask SentAsync(ValueTask sending) =>
        sending.IsCompletedSuccessfully ? ValueTask.CompletedTask : _end.AwaitSendAsync(sending);

    /// <summary>Properties are sent in one frame. The broker closes the connection if a frame is too large.</summary>
    private bool IsTooLarge(in OutgoingProperties properties, out int size)
    {
        const int frameAndHeaderOverhead = 8 + 12;
        size = properties.GetRequiredBufferSize() + frameAndHeaderOverhead;
        bool isLimited = _connection.FrameMax != 0;
        return isLimited && size > _connection.FrameMax;
    }

    private void ThrowIfTooLarge(in OutgoingProperties properties)
    {
        if (IsTooLarge(in properties, out int size))
        {
            throw new ArgumentException($"The headers take {size} bytes; the broker accepts at most {_connection.FrameMax} (frame_max).");
        }
    }

    private Task OnReturnedAsync(object sender, BasicReturnEventArgs args)
    {
        Returned?.Invoke(new ReturnedMessage(args.BasicProperties.CorrelationId, args.RoutingKey, $"{args.ReplyCode} {args.ReplyText}"));
        return Task.CompletedTask;
    }

    private Task OnShutdownAsync(object sender, ShutdownEventArgs args)
    {
        Close(_connection.Explain(args));
        return Task.CompletedTask;
    }

    /// <summary>Completes <see cref="Closed"/> once earlier deliveries have reached their consumers.</summary>
    private async Task CompleteAsync(TransportClosure closure)
    {
        await Task.WhenAll(Consumers().Select(static consumer => consumer.Ended)).WaitIgnoringOutcomeAsync(RabbitMqConnection.CloseTimeout).ConfigureAwait(false);
        StopConsumers();
        _end.Complete(closure);
        _connection.Remove(this);
        await DisposeAsync().ConfigureAwait(false);
    }

    private RabbitMqConsumer[] Consumers()
    {
        lock (_lock)
        {
            return [.. _consumers.Values];
        }
    }

    private void StopConsumers() => Array.ForEach(Consumers(), static consumer => consumer.Stop());

    private async Task DisposeCoreAsync()
    {
        // Aborted, not disposed: in 7.2.2, disposal while the library waits for one of the channel's locks makes it wait
        // forever, and the connection's other channels never learn of its end. A closed channel holds no resources.
        if (_channel.IsOpen)
        {
            Task closing = _channel.AbortAsync(); // waits first for the answer to a request that was given up
            _connection.CountUntilClosed(closing);
            await closing.WaitIgnoringOutcomeAsync(RabbitMqConnection.CloseTimeout).ConfigureAwait(false);
        }

        StopConsumers();
        Close(TransportClosure.ByOwner);
        await Closed.ConfigureAwait(false);
        await _end.AbandonSendsAsync().ConfigureAwait(false);
    }
}
