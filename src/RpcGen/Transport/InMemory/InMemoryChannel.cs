using System.Globalization;

namespace RpcGen.Transport.InMemory;

// What the broker does with a channel; all of it under the gate, unless it says otherwise.
internal sealed partial class InMemoryChannel : InMemoryLifetime
{
    private readonly InMemoryBroker _broker;
    private readonly Mailbox<ChannelEvent> _events;
    private readonly UnackedDeliveries _unacked = new();
    private readonly Dictionary<string, InMemoryConsumer> _consumers = new(StringComparer.Ordinal);
    private ulong _lastDeliveryTag;
    private int _lastConsumer;
    private volatile string? _replyAddress;

    public InMemoryChannel(InMemoryBroker broker, InMemoryConnection connection)
    {
        _broker = broker;
        Connection = connection;
        _events = new Mailbox<ChannelEvent>(broker, Tell, Fail);
    }

    public InMemoryConnection Connection { get; }

    /// <summary>Closes the channel with the broker's answer.</summary>
    public TransportRefusedException Refuse(ushort code, string reason)
    {
        Close(new TransportClosure(string.Create(CultureInfo.InvariantCulture, $"{code} {reason}")));
        return new TransportRefusedException(code, reason);
    }

    /// <summary>Closes the channel: its consumers go, and what they had comes back.</summary>
    public void Close(TransportClosure closure)
    {
        if (!TryEnd(closure))
        {
            return;
        }

        Connection.Remove(this);
        foreach (InMemoryConsumer consumer in _consumers.Values)
        {
            consumer.Queue.Remove(consumer);
        }

        _consumers.Clear();
        GiveBack();
    }

    /// <summary>Delivers a message.</summary>
    public void Deliver(InMemoryConsumer consumer, in QueuedMessage message)
    {
        ulong tag = ++_lastDeliveryTag;
        if (consumer.Prefetch > 0)
        {
            consumer.Unacked++;
            _unacked.Add(tag, new UnackedDelivery(consumer, message));
        }

        _events.Post(new ChannelEvent(consumer, message, tag));
    }

    /// <summary>Ends a consumer whose queue is deleted.</summary>
    public void CancelByBroker(InMemoryConsumer consumer)
    {
        _consumers.Remove(consumer.Tag);
        _events.Post(new ChannelEvent(consumer));
    }

    /// <summary>Returns a message that was mandatory.</summary>
    public void Return(InMemoryMessage message, string reason) => Connection.Raise(() => Returned?.Invoke(
        new ReturnedMessage(message.Content.CorrelationId.ToString(), message.Content.RoutingKey, reason)));

    /// <summary>Gives everything unacknowledged back, and only then lets the queues deliver it anew.</summary>
    private void GiveBack()
    {
        var queues = new HashSet<InMemoryQueue>();
        while (_unacked.TryTakeOldest(_lastDeliveryTag, out UnackedDelivery delivery))
        {
            delivery.GiveBack();
            queues.Add(delivery.Consumer.Queue);
        }

        foreach (InMemoryQueue queue in queues)
        {
            queue.Dispatch();
        }
    }

    private void Publish(InMemoryMessage message)
    {
        try
        {
            _broker.Publish(this, message);
        }
        catch (TransportRefusedException)
        {
            // The channel is closed, and tells why.
        }
    }

    private void Acknowledge(ulong deliveryTag, bool multiple)
    {
        bool isAll = multiple && deliveryTag == 0;
        if (!isAll && !_unacked.Contains(deliveryTag))
        {
            RefuseTag(deliveryTag);
            return;
        }

        if (!multiple)
        {
            _unacked.TryTake(deliveryTag, out UnackedDelivery delivery);
            Settle(delivery);
            return;
        }

        // What a settled delivery makes room for has a greater tag.
        ulong last = isAll ? _lastDeliveryTag : deliveryTag;
        while (_unacked.TryTakeOldest(last, out UnackedDelivery delivery))
        {
            Settle(delivery);
        }
    }

    private void Requeue(ulong deliveryTag)
    {
        if (_unacked.TryTake(deliveryTag, out UnackedDelivery delivery))
        {
            delivery.GiveBack();
            delivery.Consumer.Queue.Dispatch();
        }
        else
        {
            RefuseTag(deliveryTag);
        }
    }

    private void Reject(ulong deliveryTag)
    {
        if (_unacked.TryTake(deliveryTag, out UnackedDelivery delivery))
        {
            delivery.Settle();
            _broker.DeadLetter(delivery.Consumer.Queue, delivery.Message.Message);
            delivery.Consumer.Queue.Dispatch();
        }
        else
        {
            RefuseTag(deliveryTag);
        }
    }

    private static void Settle(in UnackedDelivery delivery)
    {
        delivery.Settle();
        delivery.Consumer.Queue.Dispatch();
    }

    private void RefuseTag(ulong deliveryTag) => Refuse(
        TransportRefusedException.PreconditionFailed,
        string.Create(CultureInfo.InvariantCulture, $"PRECONDITION_FAILED - unknown delivery tag {deliveryTag}"));

    // Outside the gate.
    private void Tell(ChannelEvent happened)
    {
        if (IsClosed)
        {
            return;
        }

        if (happened.Consumer is not { } consumer)
        {
            happened.Reached!.TrySetResult();
        }
        else if (happened.Message.Message is null)
        {
            consumer.Target.OnCancelledByBroker();
        }
        else
        {
            InMemoryConsumer.Lend(consumer.Target, happened.Message, happened.DeliveryTag);
        }
    }

    // Outside the gate.
    private void Fail(Exception exception) =>
        _broker.CloseChannel(this, new TransportClosure($"541 INTERNAL_ERROR - a consumer threw: {exception.Message}", exception));

    /// <summary>A delivery, a consumer's cancellation (no message), or a mark of how far the mailbox was told (no consumer).</summary>
    private readonly record struct ChannelEvent(
        InMemoryConsumer? Consumer, QueuedMessage Message = default, ulong DeliveryTag = 0, TaskCompletionSource? Reached = null);
}
