namespace RpcGen.Transport;

/// <summary>
/// An open channel of AMQP 0-9-1. Thread-safe; what one thread publishes and acknowledges reaches the broker in that
/// order. Every method throws <see cref="TransportClosedException"/> once the channel is closed, and
/// <see cref="TransportRefusedException"/> where the broker's answer is to close it. It goes with its connection.
/// </summary>
internal interface ITransportChannel : ISupervised
{
    /// <summary>Raised when a mandatory message could not be routed, on a thread that must not be held.</summary>
    event Action<ReturnedMessage>? Returned;

    /// <summary>
    /// Publishes. Completion means that the message is on its way, no more, and that <see cref="OutgoingMessage.Body"/>
    /// may be used again. Completes synchronously unless the way is congested.
    /// </summary>
    ValueTask PublishAsync(in OutgoingMessage message, CancellationToken cancellationToken);

    /// <summary>Acknowledges a delivery or, with <paramref name="multiple"/>, also all earlier ones of the channel.</summary>
    ValueTask AckAsync(ulong deliveryTag, bool multiple, CancellationToken cancellationToken);

    /// <summary>Gives a delivery back to its queue.</summary>
    ValueTask RequeueAsync(ulong deliveryTag, CancellationToken cancellationToken);

    /// <summary>Drops a delivery, which goes to the queue's dead-letter exchange where it has one.</summary>
    ValueTask RejectAsync(ulong deliveryTag, CancellationToken cancellationToken);

    /// <summary>Declares a queue; does nothing where it exists as declared.</summary>
    Task DeclareQueueAsync(QueueDeclaration queue, CancellationToken cancellationToken);

    /// <summary>Looks at a queue. A missing one is refused with <see cref="TransportRefusedException.NotFound"/>, which ends the channel.</summary>
    Task<QueueState> InspectQueueAsync(string queue, CancellationToken cancellationToken);

    /// <summary>Declares a transient fanout exchange that goes with its last queue, and binds <paramref name="queue"/> to it.</summary>
    Task BindFanoutAsync(string exchange, string queue, CancellationToken cancellationToken);

    /// <summary>Starts to consume. Deliveries come one at a time, in order, to <paramref name="consumer"/>.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="prefetch">How many deliveries may be unacknowledged; 0 for automatic acknowledgement.</param>
    /// <param name="consumer">Takes the deliveries.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>The consumer's tag.</returns>
    Task<string> ConsumeAsync(string queue, ushort prefetch, ITransportConsumer consumer, CancellationToken cancellationToken);

    /// <summary>Stops a consumer: when this completes no further delivery comes; those unacknowledged stay its own.</summary>
    Task CancelConsumerAsync(string consumerTag, CancellationToken cancellationToken);

    /// <summary>
    /// Takes one message off a queue, acknowledged by the broker before it is decoded, and hands it to
    /// <paramref name="taker"/> with delivery tag 0; false where the queue was empty. A message that breaks the decoder ends
    /// the connection, but is gone.
    /// </summary>
    Task<bool> TakeOneAsync(string queue, ITransportConsumer taker, CancellationToken cancellationToken);
}
