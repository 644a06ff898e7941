using RabbitMQ.Client;

namespace RpcGen.Transport.RabbitMq;

/// <summary>
/// The operations of a channel that the broker answers, one at a time. The client library never gets the caller's token: in
/// 7.2.2 the answer to a cancelled operation can be taken for the next one's or break the connection. A caller that
/// cancels stops waiting while the operation goes on.
/// </summary>
/// <param name="connection">The channel's connection.</param>
/// <param name="channel">The library's channel.</param>
/// <param name="end">The channel's end.</param>
/// <param name="close">Closes the channel.</param>
#pragma warning disable CA1001 // Nothing to dispose: no wait handle and no timer is ever created.
internal sealed class BrokerRequests(RabbitMqConnection connection, IChannel channel, ChannelEnd end, Action<TransportClosure> close)
#pragma warning restore CA1001
{
    /// <summary>How long an answer is waited for. Real time, because no simulated clock controls the network.</summary>
    public static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(20);

    private readonly SemaphoreSlim _asking = new(1, 1);

    public Task DeclareQueueAsync(QueueDeclaration queue, CancellationToken cancellationToken)
    {
        bool isExclusive = queue.Kind is QueueKind.Exclusive;
        return AskAsync(
            AmqpMethod.QueueDeclare,
            opened => opened.QueueDeclareAsync(
                queue.Name, queue.IsDurable, isExclusive, autoDelete: isExclusive, ArgumentsOf(queue), cancellationToken: CancellationToken.None),
            cancellationToken);
    }

    public async Task<QueueState> InspectQueueAsync(string queue, CancellationToken cancellationToken)
    {
        QueueDeclareOk state = await AskAsync(AmqpMethod.QueueDeclare, opened => opened.QueueDeclarePassiveAsync(queue, CancellationToken.None), cancellationToken)
            .ConfigureAwait(false);
        return new QueueState(state.MessageCount, state.ConsumerCount);
    }

    /// <remarks>
    /// The exchange is not auto-delete. In RabbitMQ 4.3.6, a binding that is made while such an exchange is deleted leaves it broken: from
    /// then on each declaration closes the connection (541).
    /// </remarks>
    public async Task BindFanoutAsync(string exchange, string queue, CancellationToken cancellationToken)
    {
        await AskAsync(
            AmqpMethod.ExchangeDeclare,
            opened => opened.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: false, autoDelete: false, cancellationToken: CancellationToken.None),
            cancellationToken).ConfigureAwait(false);
        await BindAsync(exchange, queue, routingKey: "", cancellationToken).ConfigureAwait(false);
    }

    public Task BindAsync(string exchange, string queue, string routingKey, CancellationToken cancellationToken) =>
        AskAsync(AmqpMethod.QueueBind, opened => opened.QueueBindAsync(queue, exchange, routingKey, cancellationToken: CancellationToken.None), cancellationToken);

    public Task InspectExchangeAsync(string exchange, CancellationToken cancellationToken) =>
        AskAsync(AmqpMethod.ExchangeDeclare, opened => opened.ExchangeDeclarePassiveAsync(exchange, CancellationToken.None), cancellationToken);

    public Task DeclareDirectAsync(string exchange, CancellationToken cancellationToken) => AskAsync(
        AmqpMethod.ExchangeDeclare,
        opened => opened.ExchangeDeclareAsync(exchange, ExchangeType.Direct, durable: true, autoDelete: false, cancellationToken: CancellationToken.None),
        cancellationToken);

    public Task<string> ConsumeAsync(string queue, ushort prefetch, string tag, RabbitMqConsumer consumer, CancellationToken cancellationToken)
    {
        bool autoAck = prefetch == 0;
        return AskAsync(
            AmqpMethod.BasicConsume,
            async opened =>
            {
                if (!autoAck)
                {
                    // Applies to the consumers started after it: no other request may come between the two.
                    await opened.BasicQosAsync(0, prefetch, global: false, CancellationToken.None).ConfigureAwait(false);
                }

                return await opened.BasicConsumeAsync(
                    queue, autoAck, tag, noLocal: false, exclusive: false, arguments: null, consumer, CancellationToken.None).ConfigureAwait(false);
            },
            cancellationToken);
    }

    public Task CancelConsumerAsync(string consumerTag, CancellationToken cancellationToken) => AskAsync(
        AmqpMethod.BasicCancel,
        opened => opened.BasicCancelAsync(consumerTag, cancellationToken: CancellationToken.None),
        cancellationToken);

    private static Dictionary<string, object?>? ArgumentsOf(QueueDeclaration queue)
    {
        bool hasType = queue.Kind is QueueKind.Classic or QueueKind.Quorum;
        if (!hasType && queue.MaxPriority == 0 && queue.ExpiresAfter is null)
        {
            return null;
        }

        var arguments = new Dictionary<string, object?>();
        if (hasType)
        {
            arguments["x-queue-type"] = queue.Kind is QueueKind.Quorum ? "quorum" : "classic";
        }

        if (queue.MaxPriority > 0)
        {
            arguments["x-max-priority"] = (int)queue.MaxPriority;
        }

        if (queue.ExpiresAfterMilliseconds is { } expires)
        {
            arguments["x-expires"] = expires;
        }

        return arguments;
    }

    private Task<bool> AskAsync(AmqpMethod method, Func<IChannel, Task> operation, CancellationToken cancellationToken) =>
        AskAsync(
            method,
            async opened =>
            {
                await operation(opened).ConfigureAwait(false);
                return true;
            },
            cancellationToken);

    private Task<T> AskAsync<T>(AmqpMethod method, Func<IChannel, Task<T>> operation, CancellationToken cancellationToken)
    {
        Task<T> answer = AskInTurnAsync(method, operation, cancellationToken);
        answer.IgnoreOutcome(); // a caller that cancels no longer awaits it
        return answer.WaitAsync(cancellationToken);
    }

    /// <summary>Waits for its turn and asks: with one request at a time, the close of the channel is the answer to it.</summary>
    private async Task<T> AskInTurnAsync<T>(AmqpMethod method, Func<IChannel, Task<T>> operation, CancellationToken cancellationToken)
    {
        await _asking.WaitAsync(cancellationToken).ConfigureAwait(false);
        TransportClosure? closedBefore = channel.CloseReason?.ToClosure();
        try
        {
            return closedBefore is null
                ? await operation(channel).WaitAsync(AnswerTimeout, TimeProvider.System, end.SendsAbandoned).ConfigureAwait(false)
                : throw new TransportClosedException(closedBefore, nothingSent: true);
        }
        catch (Exception e) when (closedBefore is null && channel.CloseReason is { } reason && method.IsRefusedBy(reason) && !connection.IsClosedBy(reason))
        {
            // For any exception: which one the library throws depends on how far its own disposal has got.
            throw new TransportRefusedException(reason.ReplyCode, reason.ReplyText, e);
        }
        catch (Exception e) when (ShutdownReasons.MeansClosed(e))
        {
            throw end.ToException(e);
        }
        catch (Exception e) when (e is OperationCanceledException or TimeoutException)
        {
            // A late answer could be taken for the answer to the next request: the channel is unusable.
            TransportClosure closure = end.Reason ?? ShutdownReasons.Unanswered(e);
            close(closure);
            throw new TransportClosedException(closure, nothingSent: false);
        }
        finally
        {
            _asking.Release();
        }
    }
}
