namespace RpcGen.Transport.InMemory;

/// <summary>A channel on which the broker says of each message whether it has it.</summary>
internal sealed class InMemoryPublisher(InMemoryBroker broker, InMemoryChannel channel) : ITransportPublisher
{
    public Task<TransportClosure> Closed => channel.Closed;

    public Task<PublishOutcome> PublishAsync(in OutgoingMessage message, CancellationToken cancellationToken) =>
        PublishAsync(new InMemoryMessage(message, replyAddress: null), cancellationToken);

    public ValueTask DisposeAsync() => channel.DisposeAsync();

    private async Task<PublishOutcome> PublishAsync(InMemoryMessage message, CancellationToken cancellationToken)
    {
        var told = new TaskCompletionSource<PublishOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        await channel.Connection.Uplink.SendAsync(channel, isPublish: true, () => Publish(message, told), cancellationToken).ConfigureAwait(false);
        await Task.WhenAny(told.Task, channel.Closed).WaitAsync(cancellationToken).ConfigureAwait(false);
        lock (broker.Gate)
        {
            // What the broker said, it said before the end.
            if (!told.Task.IsCompleted)
            {
                throw new TransportClosedException(channel.Closed.Result, nothingSent: false);
            }
        }

        return await told.Task.ConfigureAwait(false);
    }

    // Under the gate.
    private void Publish(InMemoryMessage message, TaskCompletionSource<PublishOutcome> told)
    {
        try
        {
            told.SetResult(broker.Publish(channel, message));
        }
        catch (TransportRefusedException refused)
        {
            told.SetException(refused);
        }
    }
}
