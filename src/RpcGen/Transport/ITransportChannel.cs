namespace RpcGen.Transport;

/// <summary>
/// An open channel of AMQP 0-9-1. Thread-safe: what one thread publishes and acknowledges reaches the broker in that order.
/// Every method throws <see cref="TransportClosedException"/> once the channel is closed, and
/// <see cref="TransportRefusedException"/> if the broker refuses the operation, which closes the channel. The channel
/// closes with its connection.
/// </summary>
internal interface ITransportChannel : IClosable
{
    /// <summary>Raised when a mandatory message could not be routed. Handlers must not block.</summary>
    event Action<ReturnedMessage>? Returned;

    /// <summary>Whether nothing is known yet that ends the channel. False some time before <see cref="IClosable.Closed"/> completes, which waits for the last deliveries.</summary>
    bool IsOpen => !Closed.IsCompleted;

    /// <summary>
    /// Publishes. Completion means only that the message is on its way and that <see cref="OutgoingMessage.Body"/> can be
    /// reused. Completes synchronously unless the connection is congested.
    /// </summary>
    ValueTask PublishAsync(in OutgoingMessage message, CancellationToken cancellationToken);

    /// <summary>Acknowledges a delivery; with <paramref name="multiple"/>, all earlier deliveries of the channel as well.</summary>
    ValueTask AckAsync(ulong deliveryTag, bool multiple, CancellationToken cancellationToken);

    /// <summary>Returns a delivery to its queue.</summary>
    ValueTask RequeueAsync(ulong deliveryTag, CancellationToken cancellationToken);

    /// <summary>Discards a delivery. It goes to the queue's dead-letter exchange if the queue has one.</summary>
    ValueTask RejectAsync(ulong deliveryTag, CancellationToken cancellationToken);

    /// <summary>Declares a queue. Does nothing if an equal queue exists.</summary>
    Task DeclareQueueAsync(QueueDeclaration queue, CancellationToken cancellationToken);

    /// <summary>
    /// Reads the state of a queue. If there is no such queue, the broker refuses with <see cref="AmqpReplyCodes.NotFound"/> and
    /// closes the channel.
    /// </summary>
    Task<QueueState> InspectQueueAsync(string queue, CancellationToken cancellationToken);

    /// <summary>
    /// Declares a transient fanout exchange, which stays when it has no queue, and binds
    /// <paramref name="queue"/> to it.
    /// </summary>
    Task BindFanoutAsync(string exchange, string queue, CancellationToken cancellationToken);

    /// <summary>
    /// Checks that an exchange exists. If there is no such exchange, the broker refuses with <see cref="AmqpReplyCodes.NotFound"/>
    /// and closes the channel. This needs no permission.
    /// </summary>
    Task InspectExchangeAsync(string exchange, CancellationToken cancellationToken);

    /// <summary>Declares a durable direct exchange. Does nothing if an equal exchange exists.</summary>
    Task DeclareDirectAsync(string exchange, CancellationToken cancellationToken);

    /// <summary>Binds a queue to an existing direct exchange, with the queue's name as the routing key.</summary>
    Task BindDirectAsync(string exchange, string queue, CancellationToken cancellationToken);

    /// <summary>Starts a consumer. Deliveries are passed to <paramref name="consumer"/> one at a time, in order.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="prefetch">The maximum of unacknowledged deliveries; 0 acknowledges automatically.</param>
    /// <param name="consumer">Receives the deliveries.</param>
    /// <param name="cancellationToken">Cancels the attempt.</param>
    /// <returns>The consumer's tag.</returns>
    Task<string> ConsumeAsync(string queue, ushort prefetch, ITransportConsumer consumer, CancellationToken cancellationToken);

    /// <summary>
    /// Stops a consumer. After completion there are no further deliveries; earlier ones can still be acknowledged.
    /// </summary>
    Task CancelConsumerAsync(string consumerTag, CancellationToken cancellationToken);
}
