using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace RpcGen.Transport.RabbitMq;

/// <content>
/// What the broker answers. The library never gets the caller's token: in 7.2.2 the answer to a cancelled operation can be
/// taken for the next one's or break the connection. A caller who cancels stops waiting, the operation goes on.
/// </content>
internal sealed partial class RabbitMqChannel
{
    private readonly SemaphoreSlim _consuming = new(1, 1);
    private int _lastConsumer;

    public Task DeclareQueueAsync(QueueDeclaration queue, CancellationToken cancellationToken)
    {
        bool isDurable = queue.Kind is QueueKind.Classic or QueueKind.Quorum;
        bool isExclusive = queue.Kind is QueueKind.Exclusive;
        Dictionary<string, object?>? arguments = isDurable
            ? new() { ["x-queue-type"] = queue.Kind is QueueKind.Quorum ? "quorum" : "classic" }
            : null;
        return AnswerAsync(
            AmqpMethod.QueueDeclare,
            channel.QueueDeclareAsync(queue.Name, isDurable, isExclusive, autoDelete: isExclusive, arguments, cancellationToken: CancellationToken.None),
            cancellationToken);
    }

    public async Task<QueueState> InspectQueueAsync(string queue, CancellationToken cancellationToken)
    {
        QueueDeclareOk state = await AnswerAsync(AmqpMethod.QueueDeclare, channel.QueueDeclarePassiveAsync(queue, CancellationToken.None), cancellationToken)
            .ConfigureAwait(false);
        return new QueueState(state.MessageCount, state.ConsumerCount);
    }

    public async Task BindFanoutAsync(string exchange, string queue, CancellationToken cancellationToken)
    {
        await AnswerAsync(
            AmqpMethod.ExchangeDeclare,
            channel.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: false, autoDelete: true, cancellationToken: CancellationToken.None),
            cancellationToken).ConfigureAwait(false);
        await AnswerAsync(AmqpMethod.QueueBind, channel.QueueBindAsync(queue, exchange, routingKey: "", cancellationToken: CancellationToken.None), cancellationToken)
            .ConfigureAwait(false);
    }

    public async Task<string> ConsumeAsync(string queue, ushort prefetch, ITransportConsumer consumer, CancellationToken cancellationToken)
    {
        // A quality of service holds for the consumers that come after it.
        await _consuming.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (prefetch > 0)
            {
                await AnswerAsync(AmqpMethod.BasicQos, channel.BasicQosAsync(0, prefetch, global: false, CancellationToken.None), cancellationToken)
                    .ConfigureAwait(false);
            }

            return await StartConsumerAsync(queue, autoAck: prefetch == 0, consumer, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _consuming.Release();
        }
    }

    public async Task CancelConsumerAsync(string consumerTag, CancellationToken cancellationToken)
    {
        await AnswerAsync(AmqpMethod.BasicCancel, channel.BasicCancelAsync(consumerTag, cancellationToken: CancellationToken.None), cancellationToken).ConfigureAwait(false);
        RabbitMqConsumer? consumer;
        lock (_lock)
        {
            _consumers.Remove(consumerTag, out consumer);
        }

        if (consumer is not null)
        {
            // The broker's answer overtakes the deliveries that wait in the library's queue.
            await Task.WhenAny(consumer.Ended, Closed).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public async Task<bool> TakeOneAsync(string queue, ITransportConsumer taker, CancellationToken cancellationToken)
    {
        BasicGetResult? message = await AnswerAsync(AmqpMethod.BasicGet, channel.BasicGetAsync(queue, autoAck: true, CancellationToken.None), cancellationToken)
            .ConfigureAwait(false);
        if (message is null)
        {
            return false;
        }

        taker.OnDelivered(RabbitMqConsumer.Read(deliveryTag: 0, message.Redelivered, message.BasicProperties, message.Body));
        return true;
    }

    /// <summary>What to say when an answer of the broker does not come.</summary>
    internal static TransportClosure Unanswered(Exception exception) => new("the broker has not answered in time; does it hang", exception);

    private async Task<string> StartConsumerAsync(string queue, bool autoAck, ITransportConsumer consumer, CancellationToken cancellationToken)
    {
        // The tag comes with each delivery as a new string: hence short.
        var deliveries = new RabbitMqConsumer(channel, autoAck, consumer);
        string tag = $"c{Interlocked.Increment(ref _lastConsumer)}";
        lock (_lock)
        {
            _consumers.Add(tag, deliveries);
        }

        try
        {
            return await AnswerAsync(
                AmqpMethod.BasicConsume,
                channel.BasicConsumeAsync(queue, autoAck, tag, noLocal: false, exclusive: false, arguments: null, deliveries, CancellationToken.None),
                cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            deliveries.Stop();
            if (e is OperationCanceledException)
            {
                // The broker may deliver to it all the same, which only the channel's end gives back.
                _ = DisposeAsync().AsTask();
            }

            throw;
        }
    }

    private Task<bool> AnswerAsync(AmqpMethod method, Task operation, CancellationToken cancellationToken) =>
        AnswerAsync(method, WithResultAsync(operation), cancellationToken);

    private Task<T> AnswerAsync<T>(AmqpMethod method, Task<T> operation, CancellationToken cancellationToken)
    {
        Task<T> answer = TranslateAsync(method, operation);
        Detached.Observe(answer);
        return answer.WaitAsync(cancellationToken);
    }

    private static async Task<bool> WithResultAsync(Task operation)
    {
        await operation.ConfigureAwait(false);
        return true;
    }

    private async Task<T> TranslateAsync<T>(AmqpMethod method, Task<T> operation)
    {
        try
        {
            // Until the channel is gone: the library forgets whoever waits then for another operation to end.
            return await operation.WaitAsync(_gone.Token).ConfigureAwait(false);
        }
        catch (OperationInterruptedException e) when (connection.IsOpen && method.IsRefusedBy(e.ShutdownReason))
        {
            throw new TransportRefusedException(e.ShutdownReason!.ReplyCode, e.ShutdownReason.ReplyText, e);
        }
        catch (Exception e) when (Closures.IsClosure(e))
        {
            throw ClosedBy(e);
        }
        catch (Exception e) when (e is OperationCanceledException or TimeoutException)
        {
            // Nothing that comes back on this channel could be trusted to be the answer to what was asked last.
            TransportClosure closure = Volatile.Read(ref _closure) ?? Unanswered(e);
            Close(closure);
            throw new TransportClosedException(closure, nothingSent: false);
        }
    }

    /// <summary>A method of AMQP 0-9-1, as the broker names the one that it closes a channel for.</summary>
    private readonly record struct AmqpMethod(ushort ClassId, ushort MethodId)
    {
        public static AmqpMethod ExchangeDeclare => new(40, 10);

        public static AmqpMethod QueueDeclare => new(50, 10);

        public static AmqpMethod QueueBind => new(50, 20);

        public static AmqpMethod BasicQos => new(60, 10);

        public static AmqpMethod BasicConsume => new(60, 20);

        public static AmqpMethod BasicCancel => new(60, 30);

        public static AmqpMethod BasicGet => new(60, 70);

        /// <summary>Tells the refusal of this method from one that an earlier publish has earned.</summary>
        public bool IsRefusedBy(ShutdownEventArgs? reason) =>
            reason is { Initiator: ShutdownInitiator.Peer } && reason.ClassId == ClassId && reason.MethodId == MethodId;
    }
}
