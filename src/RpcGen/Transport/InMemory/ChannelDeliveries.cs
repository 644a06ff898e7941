using System.Diagnostics;
using System.Globalization;

namespace RpcGen.Transport.InMemory;

/// <summary>
/// The consumers of a channel, its deliveries, and their acknowledgement. Used while holding the broker's gate, except where
/// a method says otherwise.
/// </summary>
internal sealed class ChannelDeliveries
{
    private readonly InMemoryBroker _broker;
    private readonly InMemoryChannel _channel;
    private readonly EventQueue<ChannelEvent> _events;
    private readonly UnackedDeliveries _unacked = new();
    private readonly Dictionary<string, InMemoryConsumer> _consumers = new(StringComparer.Ordinal);
    private ulong _lastDeliveryTag;
    private int _lastConsumer;

    public ChannelDeliveries(InMemoryBroker broker, InMemoryChannel channel)
    {
        _broker = broker;
        _channel = channel;
        _events = new EventQueue<ChannelEvent>(broker, Raise, Fail);
    }

    /// <summary>Adds a consumer.</summary>
    /// <returns>Its tag.</returns>
    public string Add(InMemoryQueue queue, ushort prefetch, ITransportConsumer target)
    {
        string tag = string.Create(CultureInfo.InvariantCulture, $"c{++_lastConsumer}");
        var consumer = new InMemoryConsumer(_channel, queue, tag, prefetch, target);
        _consumers.Add(tag, consumer);
        queue.Add(consumer);
        return tag;
    }

    /// <summary>Removes a consumer.</summary>
    /// <returns>A task that completes after the earlier deliveries have reached the consumer.</returns>
    public Task Cancel(string consumerTag)
    {
        if (_consumers.Remove(consumerTag, out InMemoryConsumer? consumer))
        {
            consumer.Queue.Remove(consumer);
        }

        var delivered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _events.Post(ChannelEvent.AllDelivered(delivered));
        return delivered.Task;
    }

    /// <summary>Cancels a consumer whose queue was deleted.</summary>
    public void CancelByBroker(InMemoryConsumer consumer)
    {
        _consumers.Remove(consumer.Tag);
        _events.Post(ChannelEvent.ConsumerCancelled(consumer));
    }

    /// <summary>Delivers a message.</summary>
    public void Deliver(InMemoryConsumer consumer, in QueuedMessage message)
    {
        Debug.Assert(consumer.HasRoom, "The queue delivers within the prefetch.");
        ulong tag = ++_lastDeliveryTag;
        bool needsAck = consumer.Prefetch > 0;
        if (needsAck)
        {
            consumer.Unacked++;
            _unacked.Add(tag, new UnackedDelivery(consumer, message));
        }

        _events.Post(ChannelEvent.Delivered(consumer, message, tag));
    }

    /// <summary>Acknowledges one delivery or, with <paramref name="multiple"/>, all up to it. As in AMQP, tag 0 then means all.</summary>
    public void Acknowledge(ulong deliveryTag, bool multiple)
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

        // Settling can cause new deliveries. Their tags are greater.
        ulong last = isAll ? _lastDeliveryTag : deliveryTag;
        while (_unacked.TryTakeOldest(last, out UnackedDelivery delivery))
        {
            Settle(delivery);
        }
    }

    /// <summary>Returns a delivery to its queue.</summary>
    public void Requeue(ulong deliveryTag)
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

    /// <summary>Discards a delivery, or moves it to the dead-letter queue.</summary>
    public void Reject(ulong deliveryTag)
    {
        if (_unacked.TryTake(deliveryTag, out UnackedDelivery delivery))
        {
            delivery.Settle();
            MessageRouter.DeadLetter(_broker, delivery.Consumer.Queue, delivery.Message.Message);
            delivery.Consumer.Queue.Dispatch();
        }
        else
        {
            RefuseTag(deliveryTag);
        }
    }

    /// <summary>The channel has closed: removes its consumers and requeues its unacknowledged deliveries.</summary>
    public void End()
    {
        foreach (InMemoryConsumer consumer in _consumers.Values)
        {
            consumer.Queue.Remove(consumer);
        }

        _consumers.Clear();

        // All are returned before any is delivered again, so that they keep their order.
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

    private static void Settle(in UnackedDelivery delivery)
    {
        delivery.Settle();
        delivery.Consumer.Queue.Dispatch();
    }

    private void RefuseTag(ulong deliveryTag) => _channel.Refuse(
        AmqpReplyCodes.PreconditionFailed,
        string.Create(CultureInfo.InvariantCulture, $"PRECONDITION_FAILED - unknown delivery tag {deliveryTag}"));

    /// <summary>Calls the user. Used outside the gate.</summary>
    private void Raise(ChannelEvent raised)
    {
        if (_channel.IsClosed)
        {
            return;
        }

        if (raised.Consumer is not { } consumer)
        {
            raised.Reached!.TrySetResult();
        }
        else if (raised.IsDelivery)
        {
            InMemoryConsumer.Lend(consumer.Target, raised.Message, raised.DeliveryTag);
        }
        else
        {
            consumer.Target.OnCancelledByBroker();
        }
    }

    /// <summary>The user's consumer threw. Used outside the gate.</summary>
    private void Fail(Exception exception) =>
        _broker.CloseChannel(_channel, new TransportClosure($"541 INTERNAL_ERROR - a consumer threw: {exception.Message}", exception) { ReplyCode = AmqpReplyCodes.InternalError });

    /// <summary>A delivery, the cancellation of a consumer, or a mark that earlier deliveries have been made.</summary>
    private readonly record struct ChannelEvent
    {
        public InMemoryConsumer? Consumer { get; private init; }

        public QueuedMessage Message { get; private init; }

        public ulong DeliveryTag { get; private init; }

        public TaskCompletionSource? Reached { get; private init; }

        public bool IsDelivery => DeliveryTag > 0;

        public static ChannelEvent Delivered(InMemoryConsumer consumer, in QueuedMessage message, ulong tag) =>
            new() { Consumer = consumer, Message = message, DeliveryTag = tag };

        public static ChannelEvent ConsumerCancelled(InMemoryConsumer consumer) => new() { Consumer = consumer };

        public static ChannelEvent AllDelivered(TaskCompletionSource reached) => new() { Reached = reached };
    }
}
