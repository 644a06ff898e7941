namespace RpcGen.Transport;

/// <summary>Receives the deliveries of a consumer.</summary>
internal interface ITransportConsumer
{
    /// <summary>
    /// Receives one delivery. The next one waits until this returns, and <see cref="IncomingMessage.Body"/> is valid only
    /// until then: copy what is needed and return. Must not throw.
    /// </summary>
    void OnDelivered(in IncomingMessage message);

    /// <summary>The broker ended the consumer because its queue was deleted or moved. The channel stays open.</summary>
    void OnCancelledByBroker();
}
