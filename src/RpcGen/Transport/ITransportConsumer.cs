namespace RpcGen.Transport;

/// <summary>Takes the deliveries of a consumer.</summary>
internal interface ITransportConsumer
{
    /// <summary>
    /// Takes one. <see cref="IncomingMessage.Body"/> is valid until this returns, the next delivery waits for it: so take
    /// what is needed and return. Must not throw.
    /// </summary>
    void OnDelivered(in IncomingMessage message);

    /// <summary>The broker has ended the consumer, for its queue was deleted or moved; the channel stays open.</summary>
    void OnCancelledByBroker();
}
