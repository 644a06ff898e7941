namespace RpcGen.Transport;

/// <summary>
/// An open channel with publisher confirms, used only to publish. Thread-safe; many publishes can be pending at once. It
/// closes with its connection.
/// </summary>
internal interface ITransportPublisher : IClosable
{
    /// <summary>
    /// Publishes, and completes with the publisher confirm. The <see cref="OutgoingMessage.CorrelationId"/> of a mandatory
    /// message must be a number that no other pending message of this publisher has. The body must not change until
    /// completion.
    /// </summary>
    /// <exception cref="TransportClosedException">
    /// The channel was closed before this call, and nothing was sent, or it closed before the publisher confirm arrived.
    /// </exception>
    /// <exception cref="TransportRefusedException">
    /// The broker closed the channel because of this message or another pending one, for example because the exchange does
    /// not exist.
    /// </exception>
    Task<PublishOutcome> PublishAsync(in OutgoingMessage message, CancellationToken cancellationToken);
}
