namespace RpcGen.Transport.InMemory;

/// <summary>A channel with publisher confirms that are events. The broker confirms each message by itself, at once.</summary>
internal sealed class InMemoryConfirmedChannel(InMemoryBroker broker, InMemoryChannel channel) : IConfirmedChannel
{
    private ulong _published;

    public event Action<ReturnedMessage>? Returned
    {
        add => channel.Returned += value;
        remove => channel.Returned -= value;
    }

    public event Action<PublishConfirm>? Confirmed;

    public Task<TransportClosure> Closed => channel.Closed;

    public ValueTask PublishAsync(in OutgoingMessage message, CancellationToken cancellationToken)
    {
        var published = new InMemoryMessage(message, replyAddress: null);
        return channel.Connection.Commands.SendAsync(channel, isPublish: true, () => Publish(published), cancellationToken);
    }

    public ValueTask DisposeAsync() => channel.DisposeAsync();

    /// <summary>Used while holding the gate.</summary>
    private void Publish(InMemoryMessage message)
    {
        PublishOutcome outcome;
        try
        {
            outcome = MessageRouter.Publish(broker, channel, message);
        }
        catch (TransportRefusedException)
        {
            return; // the channel has closed with this reason
        }

        var confirm = new PublishConfirm(++_published, IsMultiple: false, IsRefused: outcome.Result == PublishResult.Refused);
        channel.Connection.Raise(() => Confirmed?.Invoke(confirm)); // after its return, if there is one
    }
}
