namespace RpcGen.Transport;

/// <summary>
/// An open channel that only publishes, and where the broker says of each message whether it has it (publisher confirms).
/// Thread-safe; many publishes may be under way. It goes with its connection.
/// </summary>
internal interface ITransportPublisher : ISupervised
{
    /// <summary>
    /// Publishes, and completes with the broker's word. A mandatory message needs a <see cref="OutgoingMessage.CorrelationId"/>
    /// that is a number which no other one under way has. The body is to be left alone until this completes.
    /// </summary>
    /// <exception cref="TransportClosedException">
    /// The channel is closed: before this call, with nothing sent, or before the broker's word came.
    /// </exception>
    /// <exception cref="TransportRefusedException">
    /// The broker closed the channel over this message or one that was under way at the same time, for instance since there is
    /// no such exchange.
    /// </exception>
    Task<PublishOutcome> PublishAsync(in OutgoingMessage message, CancellationToken cancellationToken);
}
