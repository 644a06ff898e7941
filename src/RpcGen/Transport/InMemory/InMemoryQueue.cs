namespace RpcGen.Transport.InMemory;

/// <summary>A queue: what waits, in order, and who consumes, in turn. Used under the broker's gate.</summary>
internal sealed class InMemoryQueue(InMemoryBroker broker, QueueDeclaration declaration, InMemoryConnection? owner)
{
    // Whatever was given back was at the head once, so all of it comes before all that is fresh. A queue that tells
    // priorities keeps everything here, and nothing there.
    private readonly PriorityQueue<QueuedMessage, (int Rank, long Position)> _givenBack = new();
    private readonly Queue<QueuedMessage> _fresh = new();
    private readonly List<InMemoryConsumer> _consumers = [];
    private long _lastPosition;
    private int _nextConsumer;

    public QueueDeclaration Declaration { get; } = declaration;

    /// <summary>The connection to which it is exclusive.</summary>
    public InMemoryConnection? Owner { get; } = owner;

    /// <summary>Messages delivered and not yet acknowledged.</summary>
    public int Unacked { get; private set; }

    public QueueState Inspect()
    {
        HasReady();
        return new QueueState((uint)(_givenBack.Count + _fresh.Count), (uint)_consumers.Count);
    }

    public InMemoryQueueInfo Describe() =>
        new(Declaration, (int)Inspect().ReadyMessages, Unacked, _consumers.Count);

    /// <summary>Takes a message, unless the queue is full.</summary>
    public PublishResult Enqueue(InMemoryMessage message)
    {
        if (broker.PolicyOf(this).MaxLength is { } limit && Inspect().ReadyMessages >= limit)
        {
            return PublishResult.Refused;
        }

        var queued = new QueuedMessage(message, ++_lastPosition, IsRedelivered: false);
        if (Declaration.MaxPriority == 0)
        {
            _fresh.Enqueue(queued);
        }
        else
        {
            _givenBack.Enqueue(queued, OrderOf(queued));
        }

        Dispatch();
        return PublishResult.Confirmed;
    }

    /// <summary>Takes the head that is not expired.</summary>
    public bool TryTake(out QueuedMessage message)
    {
        message = default;
        return HasReady() && (_givenBack.TryDequeue(out message, out _) || _fresh.TryDequeue(out message));
    }

    /// <summary>A delivery is done with: acknowledged, or given back.</summary>
    public void Settle() => Unacked--;

    /// <summary>Puts a delivery back where it was. <see cref="Dispatch"/> is due after it.</summary>
    public void GiveBack(in QueuedMessage message) =>
        _givenBack.Enqueue(message with { IsRedelivered = true }, OrderOf(message));

    /// <summary>Delivers what can be delivered.</summary>
    public void Dispatch()
    {
        while (!broker.IsPaused && HasReady() && NextConsumer() is { } consumer && TryTake(out QueuedMessage message))
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

    /// <summary>Removes a consumer; with the last one goes a queue that deletes itself.</summary>
    public void Remove(InMemoryConsumer consumer)
    {
        if (_consumers.Remove(consumer) && _consumers.Count == 0 && Declaration.Kind == QueueKind.Exclusive)
        {
            broker.Delete(this);
        }
    }

    /// <summary>Drops what is ready, or of it what <paramref name="isDropped"/> names; returns how much.</summary>
    public int Purge(Predicate<InMemoryMessage>? isDropped = null)
    {
        QueuedMessage[] ready = [.. _givenBack.UnorderedItems.Select(item => item.Element), .. _fresh];
        _givenBack.Clear();
        _fresh.Clear();
        foreach (QueuedMessage message in ready.Where(message => isDropped?.Invoke(message.Message) == false))
        {
            _givenBack.Enqueue(message, OrderOf(message));
        }

        return ready.Length - _givenBack.Count;
    }

    /// <summary>The queue is no more: its consumers go, and what it holds or is given back goes with it.</summary>
    public void End()
    {
        foreach (InMemoryConsumer consumer in _consumers)
        {
            consumer.Channel.CancelByBroker(consumer);
        }

        _consumers.Clear();
    }

    // Higher priorities come first; those beyond the queue's highest count as this.
    private (int Rank, long Position) OrderOf(in QueuedMessage message) =>
        (-Math.Min(message.Message.Content.Priority, Declaration.MaxPriority), message.Position);

    // RabbitMQ drops expired messages at the head only; what is behind waits until it gets there, and then goes unseen.
    private bool HasReady()
    {
        while (_givenBack.TryPeek(out QueuedMessage head, out _) || _fresh.TryPeek(out head))
        {
            if (head.Message.ExpiresAt == long.MaxValue || broker.Now < head.Message.ExpiresAt)
            {
                return true;
            }

            _ = _givenBack.TryDequeue(out _, out _) || _fresh.TryDequeue(out _);
        }

        return false;
    }

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
