using System.Globalization;

namespace RpcGen.Transport.InMemory;

/// <summary>
/// A channel of an in-process broker: sends its user's commands to the broker. <see cref="ChannelDeliveries"/> is the
/// direction from the broker to the user.
/// </summary>
internal sealed class InMemoryChannel : InMemoryLifetime, ITransportChannel
{
    private readonly InMemoryBroker _broker;
    private readonly ChannelDeliveries _deliveries;
    private volatile string? _replyAddress;

    public InMemoryChannel(InMemoryBroker broker, InMemoryConnection connection)
    {
        _broker = broker;
        Connection = connection;
        _deliveries = new ChannelDeliveries(broker, this);
    }

    public event Action<ReturnedMessage>? Returned;

    public InMemoryConnection Connection { get; }

    public ValueTask PublishAsync(in OutgoingMessage message, CancellationToken cancellationToken)
    {
        var published = new InMemoryMessage(message, _replyAddress);
        lock (_broker.Gate)
        {
            if (CanRunNow(isPublish: true, cancellationToken))
            {
                Publish(published);
                return ValueTask.CompletedTask;
            }
        }

        return PublishLaterAsync(published, cancellationToken);
    }

    public ValueTask AckAsync(ulong deliveryTag, bool multiple, CancellationToken cancellationToken)
    {
        lock (_broker.Gate)
        {
            if (CanRunNow(isPublish: false, cancellationToken))
            {
                _deliveries.Acknowledge(deliveryTag, multiple);
                return ValueTask.CompletedTask;
            }
        }

        return AcknowledgeLaterAsync(deliveryTag, multiple, cancellationToken);
    }

    public ValueTask RequeueAsync(ulong deliveryTag, CancellationToken cancellationToken) =>
        Connection.Commands.SendAsync(this, isPublish: false, () => _deliveries.Requeue(deliveryTag), cancellationToken);

    public ValueTask RejectAsync(ulong deliveryTag, CancellationToken cancellationToken) =>
        Connection.Commands.SendAsync(this, isPublish: false, () => _deliveries.Reject(deliveryTag), cancellationToken);

    public Task DeclareQueueAsync(QueueDeclaration queue, CancellationToken cancellationToken) =>
        AskAsync(() => _broker.Topology.Declare(this, queue), cancellationToken);

    public Task<QueueState> InspectQueueAsync(string queue, CancellationToken cancellationToken) =>
        AskAsync(() => _broker.Topology.Require(this, queue).Inspect(), cancellationToken);

    public Task BindFanoutAsync(string exchange, string queue, CancellationToken cancellationToken) =>
        AskAsync(() => _broker.Topology.BindFanout(this, exchange, queue), cancellationToken);

    public Task InspectExchangeAsync(string exchange, CancellationToken cancellationToken) =>
        AskAsync(() => _broker.Topology.RequireExchange(this, exchange), cancellationToken);

    public Task DeclareDirectAsync(string exchange, CancellationToken cancellationToken) =>
        AskAsync(() => _broker.Topology.DeclareDirect(this, exchange), cancellationToken);

    public Task BindDirectAsync(string exchange, string queue, CancellationToken cancellationToken) =>
        AskAsync(() => _broker.Topology.BindDirect(this, exchange, queue), cancellationToken);

    public Task<string> ConsumeAsync(string queue, ushort prefetch, ITransportConsumer consumer, CancellationToken cancellationToken) =>
        AskAsync(() => Consume(queue, prefetch, consumer), cancellationToken);

    public async Task CancelConsumerAsync(string consumerTag, CancellationToken cancellationToken)
    {
        Task delivered = await AskAsync(() => _deliveries.Cancel(consumerTag), cancellationToken).ConfigureAwait(false);
        await Task.WhenAny(delivered, Closed).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync()
    {
        _broker.CloseChannel(this, TransportClosure.ByOwner);
        return ValueTask.CompletedTask;
    }

    /// <summary>Closes the channel with the broker's reply. Used while holding the gate.</summary>
    /// <returns>The exception for the caller.</returns>
    public TransportRefusedException Refuse(ushort replyCode, string replyText) => Refuse(TransportClosure.ByBroker(replyCode, replyText), replyCode, replyText);

    /// <summary>As <see cref="Refuse(ushort, string)"/>, for a message that was published on the channel.</summary>
    public TransportRefusedException RefuseMessage(ushort replyCode, string replyText) =>
        Refuse(TransportClosure.ByBroker(replyCode, replyText) with { IsPublishRefused = true }, replyCode, replyText);

    private TransportRefusedException Refuse(TransportClosure closure, ushort replyCode, string replyText)
    {
        Close(closure);
        return new TransportRefusedException(replyCode, replyText);
    }

    /// <summary>Closes the channel and requeues its unacknowledged deliveries. Used while holding the gate.</summary>
    public void Close(TransportClosure closure)
    {
        if (TryEnd(closure))
        {
            Connection.Remove(this);
            _deliveries.End();
        }
    }

    /// <summary>Delivers a message to a consumer. Used while holding the gate.</summary>
    public void Deliver(InMemoryConsumer consumer, in QueuedMessage message) => _deliveries.Deliver(consumer, in message);

    /// <summary>Cancels a consumer whose queue was deleted. Used while holding the gate.</summary>
    public void CancelByBroker(InMemoryConsumer consumer) => _deliveries.CancelByBroker(consumer);

    /// <summary>Returns a mandatory message. Used while holding the gate.</summary>
    public void Return(InMemoryMessage message, string reason) => Connection.Raise(() => Returned?.Invoke(
        new ReturnedMessage(message.Content.CorrelationId.ToString(), message.Content.RoutingKey, reason)));

    private void Publish(InMemoryMessage message)
    {
        try
        {
            MessageRouter.Publish(_broker, this, message);
        }
        catch (TransportRefusedException)
        {
            // The channel has closed with this reason.
        }
    }

    private string Consume(string queue, ushort prefetch, ITransportConsumer consumer)
    {
        string name = queue == DirectReplyTo.PseudoQueue ? OpenReplyAddress(prefetch) : queue;
        return _deliveries.Add(_broker.Topology.Require(this, name), prefetch, consumer);
    }

    private string OpenReplyAddress(ushort prefetch)
    {
        if (prefetch > 0)
        {
            throw Refuse(AmqpReplyCodes.PreconditionFailed, "PRECONDITION_FAILED - reply consumer cannot acknowledge");
        }

        _replyAddress = _broker.Topology.DeclareReplyAddress(this);
        return _replyAddress;
    }

    private bool CanRunNow(bool isPublish, CancellationToken cancellationToken) =>
        !IsClosed && !cancellationToken.IsCancellationRequested && Connection.Commands.CanRunNow(isPublish);

    // Separate methods, so that the synchronous path allocates no closure.
    private ValueTask PublishLaterAsync(InMemoryMessage message, CancellationToken cancellationToken) =>
        Connection.Commands.SendAsync(this, isPublish: true, () => Publish(message), cancellationToken);

    private ValueTask AcknowledgeLaterAsync(ulong deliveryTag, bool multiple, CancellationToken cancellationToken) =>
        Connection.Commands.SendAsync(this, isPublish: false, () => _deliveries.Acknowledge(deliveryTag, multiple), cancellationToken);

    private Task<T> AskAsync<T>(Func<T> work, CancellationToken cancellationToken) =>
        Connection.Commands.AskAsync(this, work, cancellationToken);

    private async Task AskAsync(Action work, CancellationToken cancellationToken)
    {
        bool Answer()
        {
            work();
            return true;
        }

        await AskAsync(Answer, cancellationToken).ConfigureAwait(false);
    }
}
