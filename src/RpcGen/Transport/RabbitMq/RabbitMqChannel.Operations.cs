using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace RpcGen.Transport.RabbitMq;

/// <content>
/// What the broker answers. The library never gets the caller's token: in 7.2.2 the answer to a cancelled operation can be
/// taken for the next one's or break the connection. A caller who cancels stops waiting, the operation goes on.
/// </content>
internal sealed partial class RabbitMqChannel
{
    private readonly SemaphoreSlim _asking = new(1, 1);
    private int _lastConsumer;

    public Task DeclareQueueAsync(QueueDeclaration queue, CancellationToken cancellationToken)
    {
        bool isDurable = queue.Kind is QueueKind.Classic or QueueKind.Quorum;
        bool isExclusive = queue.Kind is QueueKind.Exclusive;
        var arguments = new Dictionary<string, object?>();
        if (isDurable)
        {
            arguments["x-queue-type"] = queue.Kind is QueueKind.Quorum ? "quorum" : "classic";
        }

        if (queue.MaxPriority > 0)
        {
            arguments["x-max-priority"] = (int)queue.MaxPriority;
        }

        return AnswerAsync(
            AmqpMethod.QueueDeclare,
            opened => opened.QueueDeclareAsync(queue.Name, isDurable, isExclusive, autoDelete: isExclusive, arguments.Count == 0 ? null : arguments, cancellationToken: CancellationToken.None),
            cancellationToken);
    }

    public async Task<QueueState> InspectQueueAsync(string queue, CancellationToken cancellationToken)
    {
        QueueDeclareOk state = await AnswerAsync(AmqpMethod.QueueDeclare, opened => opened.QueueDeclarePassiveAsync(queue, CancellationToken.None), cancellationToken)
            .ConfigureAwait(false);
        return new QueueState(state.MessageCount, state.ConsumerCount);
    }

    public async Task BindFanoutAsync(string exchange, string queue, CancellationToken cancellationToken)
    {
        await AnswerAsync(
            AmqpMethod.ExchangeDeclare,
            opened => opened.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: false, autoDelete: true, cancellationToken: CancellationToken.None),
            cancellationToken).ConfigureAwait(false);
        await AnswerAsync(AmqpMethod.QueueBind, opened => opened.QueueBindAsync(queue, exchange, routingKey: "", cancellationToken: CancellationToken.None), cancellationToken)
            .ConfigureAwait(false);
    }

    public async Task<string> ConsumeAsync(string queue, ushort prefetch, ITransportConsumer consumer, CancellationToken cancellationToken)
    {
        // The tag comes with each delivery as a new string: hence short.
        bool autoAck = prefetch == 0;
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
                async opened =>
                {
                    if (!autoAck)
                    {
                        // It holds for the consumers that come after it: nothing may come between.
                        await opened.BasicQosAsync(0, prefetch, global: false, CancellationToken.None).ConfigureAwait(false);
                    }

                    return await opened.BasicConsumeAsync(
                        queue, autoAck, tag, noLocal: false, exclusive: false, arguments: null, deliveries, CancellationToken.None).ConfigureAwait(false);
                },
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

    public async Task CancelConsumerAsync(string consumerTag, CancellationToken cancellationToken)
    {
        await AnswerAsync(AmqpMethod.BasicCancel, opened => opened.BasicCancelAsync(consumerTag, cancellationToken: CancellationToken.None), cancellationToken).ConfigureAwait(false);
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

    public Task<bool> TakeOneAsync(string queue, ITransportConsumer taker, CancellationToken cancellationToken) => AnswerAsync(
        AmqpMethod.BasicGet,
        async opened =>
        {
            BasicGetResult? message = await opened.BasicGetAsync(queue, autoAck: true, CancellationToken.None).ConfigureAwait(false);
            if (message is null)
            {
                return false;
            }

            // Even if the caller has stopped waiting, for the broker has forgotten it.
            taker.OnDelivered(RabbitMqConsumer.Read(deliveryTag: 0, message.Redelivered, message.BasicProperties, message.Body));
            return true;
        },
        cancellationToken);

    /// <summary>What to say when an answer of the broker does not come.</summary>
    internal static TransportClosure Unanswered(Exception exception) => new("the broker has not answered in time; does it hang", exception);

    private Task<bool> AnswerAsync(AmqpMethod method, Func<IChannel, Task> operation, CancellationToken cancellationToken) =>
        AnswerAsync(
            method,
            async opened =>
            {
                await operation(opened).ConfigureAwait(false);
                return true;
            },
            cancellationToken);

    private Task<T> AnswerAsync<T>(AmqpMethod method, Func<IChannel, Task<T>> operation, CancellationToken cancellationToken)
    {
        Task<T> answer = AskAsync(method, operation, cancellationToken);
        Detached.Observe(answer);
        return answer.WaitAsync(cancellationToken);
    }

    /// <summary>Asks one thing at a time, as AMQP wants it, so that the close of the channel answers what is being asked.</summary>
    private async Task<T> AskAsync<T>(AmqpMethod method, Func<IChannel, Task<T>> operation, CancellationToken cancellationToken)
    {
        await _asking.WaitAsync(cancellationToken).ConfigureAwait(false);
        TransportClosure? before = channel.CloseReason is { } earlier ? Closures.From(earlier) : null;
        try
        {
            return before is null
                ? await operation(channel).WaitAsync(_gone.Token).ConfigureAwait(false)
                : throw new TransportClosedException(before, nothingSent: true);
        }
        catch (Exception e) when (before is null && channel.CloseReason is { } reason && method.IsRefusedBy(reason) && !connection.IsClosedBy(reason))
        {
            // Whatever was thrown: this depends on how far the library has got with its own disposal.
            throw new TransportRefusedException(reason.ReplyCode, reason.ReplyText, e);
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
        finally
        {
            _asking.Release();
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
        public bool IsRefusedBy(ShutdownEventArgs reason) =>
            reason.Initiator == ShutdownInitiator.Peer && reason.ClassId == ClassId && reason.MethodId == MethodId;
    }
}
