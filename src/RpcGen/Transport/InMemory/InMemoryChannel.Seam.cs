using System.Globalization;

namespace RpcGen.Transport.InMemory;

/// <summary>A channel of an in-process broker: here what its user asks, beside it what the broker does with it.</summary>
internal sealed partial class InMemoryChannel : ITransportChannel
{
    public event Action<ReturnedMessage>? Returned;

    public ValueTask PublishAsync(in OutgoingMessage message, CancellationToken cancellationToken)
    {
        var published = new InMemoryMessage(message, _replyAddress);
        lock (_broker.Gate)
        {
            if (IsReady(isPublish: true, cancellationToken))
            {
                Publish(published);
                return ValueTask.CompletedTask;
            }
        }

        return PublishLaterAsync(published, cancellationToken);
    }

    public ValueTask AckAsync(ulong deliveryTag, bool multiple, CancellationToken cancellationToken)
    {
        lock (_broker.Gate)
        {
            if (IsReady(isPublish: false, cancellationToken))
            {
                Acknowledge(deliveryTag, multiple);
                return ValueTask.CompletedTask;
            }
        }

        return AcknowledgeLaterAsync(deliveryTag, multiple, cancellationToken);
    }

    public ValueTask RequeueAsync(ulong deliveryTag, CancellationToken cancellationToken) =>
        Connection.Uplink.SendAsync(this, isPublish: false, () => Requeue(deliveryTag), cancellationToken);

    public ValueTask RejectAsync(ulong deliveryTag, CancellationToken cancellationToken) =>
        Connection.Uplink.SendAsync(this, isPublish: false, () => Reject(deliveryTag), cancellationToken);

    public Task DeclareQueueAsync(QueueDeclaration queue, CancellationToken cancellationToken) =>
        AskAsync(() => _broker.Declare(this, queue), cancellationToken);

    public Task<QueueState> InspectQueueAsync(string queue, CancellationToken cancellationToken) =>
        AskAsync(() => _broker.Require(this, queue).Inspect(), cancellationToken);

    public Task BindFanoutAsync(string exchange, string queue, CancellationToken cancellationToken) =>
        AskAsync(() => _broker.Bind(this, exchange, queue), cancellationToken);

    public Task<string> ConsumeAsync(string queue, ushort prefetch, ITransportConsumer consumer, CancellationToken cancellationToken) =>
        AskAsync(() => Consume(_broker.Require(this, queue == DirectReplyTo.PseudoQueue ? OpenReplyAddress(prefetch) : queue), prefetch, consumer), cancellationToken);

    public async Task CancelConsumerAsync(string consumerTag, CancellationToken cancellationToken)
    {
        Task told = await AskAsync(() => Cancel(consumerTag), cancellationToken).ConfigureAwait(false);
        await Task.WhenAny(told, Closed).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public async Task<bool> TakeOneAsync(string queue, ITransportConsumer taker, CancellationToken cancellationToken)
    {
        QueuedMessage message = default;
        if (!await AskAsync(() => _broker.Require(this, queue).TryTake(out message), cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        InMemoryConsumer.Lend(taker, message, deliveryTag: 0);
        return true;
    }

    public ValueTask DisposeAsync()
    {
        lock (_broker.Gate)
        {
            Close(new TransportClosure("closed by this process"));
        }

        return ValueTask.CompletedTask;
    }

    private string OpenReplyAddress(ushort prefetch)
    {
        if (prefetch > 0)
        {
            throw Refuse(TransportRefusedException.PreconditionFailed, "PRECONDITION_FAILED - reply consumer cannot acknowledge");
        }

        _replyAddress = _broker.DeclareReplyAddress(this);
        return _replyAddress;
    }

    private string Consume(InMemoryQueue queue, ushort prefetch, ITransportConsumer target)
    {
        string tag = string.Create(CultureInfo.InvariantCulture, $"c{++_lastConsumer}");
        var consumer = new InMemoryConsumer(this, queue, tag, prefetch, target);
        _consumers.Add(tag, consumer);
        queue.Add(consumer);
        return tag;
    }

    // What was delivered before is still told; the mark behind it says when.
    private Task Cancel(string consumerTag)
    {
        if (_consumers.Remove(consumerTag, out InMemoryConsumer? consumer))
        {
            consumer.Queue.Remove(consumer);
        }

        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _events.Post(new ChannelEvent(Consumer: null, Reached: told));
        return told.Task;
    }

    private bool IsReady(bool isPublish, CancellationToken cancellationToken) =>
        !IsClosed && !cancellationToken.IsCancellationRequested && Connection.Uplink.IsFree(isPublish);

    // Apart, so that the usual way allocates no closure.
    private ValueTask PublishLaterAsync(InMemoryMessage message, CancellationToken cancellationToken) =>
        Connection.Uplink.SendAsync(this, isPublish: true, () => Publish(message), cancellationToken);

    private ValueTask AcknowledgeLaterAsync(ulong deliveryTag, bool multiple, CancellationToken cancellationToken) =>
        Connection.Uplink.SendAsync(this, isPublish: false, () => Acknowledge(deliveryTag, multiple), cancellationToken);

    private Task<T> AskAsync<T>(Func<T> work, CancellationToken cancellationToken) =>
        Connection.Uplink.AskAsync(this, work, cancellationToken);

    private async Task AskAsync(Action work, CancellationToken cancellationToken)
    {
        bool Answer()
        {
            work();
            return true;
        }

        await AskAsync(Answer, cancellationToken).ConfigureAwait(false);
    }
}
