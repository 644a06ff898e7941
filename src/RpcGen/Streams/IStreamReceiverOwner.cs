namespace RpcGen.Streams;

/// <summary>What a <see cref="StreamReceiver{TItem}"/> needs from the call that it belongs to. Must not throw.</summary>
internal interface IStreamReceiverOwner
{
    /// <summary>Tells the sender how much is taken in all.</summary>
    void SendGrant(long bytes, long items);

    /// <summary>Tells the sender that no more is wanted.</summary>
    void SendCancel();

    /// <summary>The stream has ended for the consumer.</summary>
    /// <param name="failure">What the consumer got; null if it has the end, or wanted no more.</param>
    void OnClosed(Exception? failure);

    /// <summary>The exception for a sender that breaks the protocol.</summary>
    Exception BreaksProtocol(string reason, Exception? cause);

    /// <summary>The exception for an item that does not come in time.</summary>
    Exception IsIdle();
}
