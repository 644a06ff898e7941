namespace RpcGen.Transport;

/// <summary>
/// An open channel with publisher confirms, used only to publish. <see cref="PublishAsync"/> does not wait for the confirm, which is
/// an event. <see cref="ITransportPublisher"/> waits. Thread-safe. Closes with its connection.
/// </summary>
internal interface IConfirmedChannel : IClosable
{
    /// <summary>Raised when a mandatory message could not be routed, before its confirm. Handlers must not block.</summary>
    event Action<ReturnedMessage>? Returned;

    /// <summary>Raised for each publisher confirm. Handlers must not block.</summary>
    event Action<PublishConfirm>? Confirmed;

    /// <summary>
    /// Publishes, as <see cref="ITransportChannel.PublishAsync"/> does. A message is sent whole or not at all: if this throws, the
    /// message has no number. Do not call it again before the last call has completed, because the order of both messages would be undefined.
    /// </summary>
    /// <exception cref="TransportClosedException">The channel is closed.</exception>
    ValueTask PublishAsync(in OutgoingMessage message, CancellationToken cancellationToken);
}

/// <summary>A publisher confirm.</summary>
/// <param name="Number">The number of the message: those of a channel are counted from 1, in the order of publishing.</param>
/// <param name="IsMultiple">Whether it is for all earlier messages as well.</param>
/// <param name="IsRefused">Whether a queue refused the message (<c>basic.nack</c>).</param>
internal readonly record struct PublishConfirm(ulong Number, bool IsMultiple, bool IsRefused);
