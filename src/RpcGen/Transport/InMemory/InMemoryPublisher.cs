namespace RpcGen.Transport.InMemory;

/// <summary>A channel with publisher confirms.</summary>
internal sealed class InMemoryPublisher(InMemoryBroker broker, InMemoryChannel channel) : ITransportPublisher
{
    public Task<TransportClosure> Closed => channel.Closed;

    public Task<PublishOutcome> PublishAsync(in OutgoingMessage message, CancellationToken cancellationToken) =>
        PublishAsync(new InMemoryMessage(message, replyAddress: null), cancellationToken);

    public ValueTask DisposeAsync() => channel.DisposeAsync();

    private async Task<PublishOutcome> PublishAsync(InMemoryMessage message, CancellationToken cancellationToken)
    {
        var outcome = new TaskCompletionSource<PublishOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        await channel.Connection.Commands.SendAsync(channel, isPublish: true, () => Publish(message, outcome), cancellationToken).ConfigureAwait(false);
        await Task.WhenAny(outcome.Task, channel.Closed).WaitAsync(cancellationToken).ConfigureAwait(false);
        lock (broker.Gate)
        {
            // The broker confirms before the channel closes, both while holding the gate.
            if (!outcome.Task.IsCompleted)
            {
                throw new TransportClosedException(channel.Closed.Result, nothingSent: false);
            }
        }

        return await outcome.Task.ConfigureAwait(false);
    }

    /// <summary>Used while holding the gate.</summary>
    private void Publish(InMemoryMessage message, TaskCompletionSource<PublishOutcome> outcome)
    {
        try
        {
            outcome.SetResult(MessageRouter.Publish(broker, channel, message));
        }
        catch (TransportRefusedException refused)
        {
            outcome.SetException(refused);
        }
    }
}
