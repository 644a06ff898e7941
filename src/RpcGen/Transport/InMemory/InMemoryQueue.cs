using System.Diagnostics;

namespace RpcGen.Transport.InMemory;

/// <summary>A queue: messages in order, and consumers that take turns. Used while holding the broker's gate.</summary>
internal sealed class InMemoryQueue(InMemoryBroker broker, QueueDeclaration declaration, InMemoryConnection? owner)
{
    // Messages that were requeued had all been at the head before, so they precede those never delivered. A queue with
    // priorities keeps all messages in _ordered.
    private readonly PriorityQueue<QueuedMessage, (int Rank, long Position)> _ordered = new();
    private readonly Queue<QueuedMessage> _undelivered = new();
    private readonly List<InMemoryConsumer> _consumers = [];
    private long _expiresAt = ExpiryOf(broker, declaration);
    private long _lastPosition;
    private int _nextConsumer;

    public QueueDeclaration Declaration { get; } = declaration;

    /// <summary>The connection to which the queue is exclusive; null for none.</summary>
    public InMemoryConnection? Owner { get; } = owner;

    /// <summary>The number of messages delivered and not yet acknowledged.</summary>
    public int Unacked { get; private set; }

    /// <summary>Whether the queue has been unused for longer than its expiry time. RabbitMQ would have deleted it.</summary>
    public bool IsExpired => _expiresAt != long.MaxValue && _consumers.Count == 0 && broker.Now >= _expiresAt;

    /// <summary>The queue is used: its time without a consumer starts again.</summary>
    public void RenewLease() => _expiresAt = ExpiryOf(broker, Declaration);

    public QueueState Inspect()
    {
        DropExpired();
        return new QueueState((uint)(_ordered.Count + _undelivered.Count), (uint)_consumers.Count);
    }

    public InMemoryQueueInfo Describe() =>
        new(Declaration, (int)Inspect().ReadyMessages, Unacked, _consumers.Count);

    /// <summary>Adds a message, unless the queue is full.</summary>
    public PublishResult Enqueue(InMemoryMessage message)
    {
        if (broker.Topology.PolicyOf(this).MaxLength is { } limit && Inspect().ReadyMessages >= limit)
        {
            return PublishResult.Refused;
        }

        var queued = new QueuedMessage(message, ++_lastPosition, IsRedelivered: false);
        if (Declaration.MaxPriority == 0)
        {
            _undelivered.Enqueue(queued);
        }
        else
        {
            _ordered.Enqueue(queued, OrderOf(queued));
        }

        Dispatch();
        return PublishResult.Confirmed;
    }

    /// <summary>Takes the first message that is not expired.</summary>
    public bool TryTake(out QueuedMessage message)
    {
        message = default;
        return DropExpired() && (_ordered.TryDequeue(out message, out _) || _undelivered.TryDequeue(out message));
    }

    /// <summary>A delivery was acknowledged or returned.</summary>
    public void Settle()
    {
        Debug.Assert(Unacked > 0, "Each delivery is settled once.");
        Unacked--;
    }

    /// <summary>Puts a delivery back at its position. The caller calls <see cref="Dispatch"/> afterwards.</summary>
    public void GiveBack(in QueuedMessage message) =>
        _ordered.Enqueue(message with { IsRedelivered = true }, OrderOf(message));

    /// <summary>Delivers what can be delivered.</summary>
    public void Dispatch()
    {
        while (!broker.IsPaused && DropExpired() && NextConsumer() is { } consumer && TryTake(out QueuedMessage message))
        {
            if (consumer.Prefetch > 0)
            {
                Unacked++;
            }

            consumer.Channel.Deliver(consumer, message);
        }
    }

    public void Add(InMemoryConsumer consumer)
    {
        _consumers.Add(consumer);
        Dispatch();
    }

    /// <summary>Removes a consumer. An exclusive queue is deleted with its last consumer.</summary>
    public void Remove(InMemoryConsumer consumer)
    {
        if (!_consumers.Remove(consumer) || _consumers.Count > 0)
        {
            return;
        }

        RenewLease();
        if (Declaration.Kind == QueueKind.Exclusive)
        {
            broker.Topology.Delete(this);
        }
    }

    /// <summary>Removes the ready messages, or those for which <paramref name="isDropped"/> is true. Returns how many.</summary>
    public int Purge(Predicate<InMemoryMessage>? isDropped = null)
    {
        QueuedMessage[] ready = [.. _ordered.UnorderedItems.Select(item => item.Element), .. _undelivered];
        _ordered.Clear();
        _undelivered.Clear();
        foreach (QueuedMessage message in ready.Where(message => isDropped?.Invoke(message.Message) == false))
        {
            _ordered.Enqueue(message, OrderOf(message));
        }

        return ready.Length - _ordered.Count;
    }

    /// <summary>The queue was deleted: cancels its consumers. Its messages, and those requeued later, are lost.</summary>
    public void End()
    {
        foreach (InMemoryConsumer consumer in _consumers)
        {
            consumer.Channel.CancelByBroker(consumer);
        }

        _consumers.Clear();
    }

    private static long ExpiryOf(InMemoryBroker broker, QueueDeclaration declaration) =>
        declaration.ExpiresAfterMilliseconds is { } milliseconds ? broker.NowPlus(milliseconds) : long.MaxValue;

    /// <summary>Higher priorities come first. Priorities above the queue's maximum count as the maximum.</summary>
    private (int Rank, long Position) OrderOf(in QueuedMessage message) =>
        (-Math.Min(message.Message.Content.Priority, Declaration.MaxPriority), message.Position);

    /// <summary>
    /// Drops expired messages at the head, as RabbitMQ does: an expired message behind others is dropped when it gets there.
    /// Returns whether a message is left.
    /// </summary>
    private bool DropExpired()
    {
        while (_ordered.TryPeek(out QueuedMessage head, out _) || _undelivered.TryPeek(out head))
        {
            bool neverExpires = head.Message.ExpiresAt == long.MaxValue;
            if (neverExpires || broker.Now < head.Message.ExpiresAt)
            {
                return true;
            }

            _ = _ordered.TryDequeue(out _, out _) || _undelivered.TryDequeue(out _);
        }

        return false;
    }

    /// <summary>The next consumer in turn that has room; null if none has.</summary>
    private InMemoryConsumer? NextConsumer()
    {
        for (int tried = 0; tried < _consumers.Count; tried++)
        {
            if (_nextConsumer >= _consumers.Count)
            {
                _nextConsumer = 0;
            }

            InMemoryConsumer consumer = _consumers[_nextConsumer++];
            if (consumer.HasRoom)
            {
                return consumer;
            }
        }

        return null;
    }
}
