namespace RpcGen.Transport.InMemory;

/// <summary>The queues and exchanges of a broker. Used while holding the broker's gate.</summary>
internal sealed class Topology(InMemoryBroker broker)
{
    /// <summary>An exchange that each broker has, and that cannot be deleted.</summary>
    private const string AmqDirect = "amq.direct";

    private static readonly InMemoryPolicy NoPolicy = new();

    private readonly InMemoryExchange _amqDirect = new(isDirect: true);
    private readonly Dictionary<string, InMemoryQueue> _queues = new(StringComparer.Ordinal);
    private readonly Dictionary<string, InMemoryExchange> _exchanges = new(StringComparer.Ordinal);
    private readonly Dictionary<string, InMemoryPolicy> _policies = new(StringComparer.Ordinal);
    private readonly HashSet<(string User, string Exchange)> _forbidden = [];
    private int _lastReplyAddress;

    /// <summary>Describes the queues, ordered by name.</summary>
    public IReadOnlyList<InMemoryQueueInfo> Describe() =>
        [.. _queues.Values.Where(queue => !queue.IsExpired).OrderBy(queue => queue.Declaration.Name, StringComparer.Ordinal).Select(queue => queue.Describe())];

    /// <summary>Finds a queue; null if no queue has this name. One that has expired is deleted when it is looked for.</summary>
    public InMemoryQueue? Find(string name)
    {
        if (_queues.GetValueOrDefault(name) is not { IsExpired: true } expired)
        {
            return _queues.GetValueOrDefault(name);
        }

        Delete(expired);
        return null;
    }

    /// <summary>Finds an exchange; null if no exchange has this name.</summary>
    public InMemoryExchange? FindExchange(string name) => name == AmqDirect ? _amqDirect : _exchanges.GetValueOrDefault(name);

    /// <summary>Finds a queue that a channel can use.</summary>
    /// <exception cref="TransportRefusedException">The queue does not exist, or it is exclusive to another connection. Closes the channel.</exception>
    public InMemoryQueue Require(InMemoryChannel channel, string name)
    {
        if (Find(name) is not { } queue)
        {
            throw channel.Refuse(AmqpReplyCodes.NotFound, $"NOT_FOUND - no queue '{name}' in vhost '/'");
        }

        bool isAccessible = queue.Owner is null || queue.Owner == channel.Connection;
        return isAccessible ? queue : throw Locked(channel, name);
    }

    /// <summary>Declares a queue. Does nothing if an equal queue exists.</summary>
    /// <exception cref="TransportRefusedException">
    /// The queue exists with other properties, or is exclusive to another connection. Closes the channel.
    /// </exception>
    public void Declare(InMemoryChannel channel, QueueDeclaration declaration)
    {
        InMemoryConnection? owner = declaration.Kind == QueueKind.Exclusive ? channel.Connection : null;
        if (Find(declaration.Name) is not { } queue)
        {
            _queues.Add(declaration.Name, new InMemoryQueue(broker, declaration, owner));
        }
        else if (queue.Owner != owner)
        {
            throw Locked(channel, declaration.Name);
        }
        else if (QueueDifference.Describe(queue.Declaration, declaration) is { } difference)
        {
            throw channel.Refuse(AmqpReplyCodes.PreconditionFailed, $"PRECONDITION_FAILED - inequivalent arg {difference}");
        }
        else
        {
            queue.RenewLease();
        }
    }

    /// <summary>Declares the queue of a channel's direct reply-to. It is deleted with its consumer.</summary>
    /// <returns>The queue's name.</returns>
    public string DeclareReplyAddress(InMemoryChannel channel)
    {
        string address = DirectReplyTo.Address(++_lastReplyAddress);
        Declare(channel, new QueueDeclaration(address, QueueKind.Exclusive));
        return address;
    }

    /// <summary>Finds an exchange that a channel asks for.</summary>
    /// <exception cref="TransportRefusedException">There is no such exchange. Closes the channel.</exception>
    public InMemoryExchange RequireExchange(InMemoryChannel channel, string name) =>
        FindExchange(name) ?? throw channel.Refuse(AmqpReplyCodes.NotFound, $"NOT_FOUND - no exchange '{name}' in vhost '/'");

    /// <summary>Declares a direct exchange. Does nothing if an equal exchange exists.</summary>
    /// <exception cref="TransportRefusedException">The exchange exists with another type. Closes the channel.</exception>
    public void DeclareDirect(InMemoryChannel channel, string name) => DeclareExchange(channel, name, isDirect: true);

    /// <summary>Binds a queue to a direct exchange, by the queue's name.</summary>
    /// <exception cref="TransportRefusedException">There is no such exchange or queue. Closes the channel.</exception>
    public void BindDirect(InMemoryChannel channel, string exchangeName, string queueName)
    {
        InMemoryExchange exchange = RequireExchange(channel, exchangeName);
        exchange.Bind(Require(channel, queueName));
    }

    /// <summary>Binds a queue to a fanout exchange, which is created if missing.</summary>
    /// <exception cref="TransportRefusedException">There is no such queue, or the exchange exists with another type. Closes the channel.</exception>
    public void BindFanout(InMemoryChannel channel, string exchangeName, string queueName)
    {
        InMemoryExchange exchange = DeclareExchange(channel, exchangeName, isDirect: false);
        exchange.Bind(Require(channel, queueName));
    }

    /// <summary>Deletes a queue with its messages and bindings.</summary>
    public void Delete(InMemoryQueue queue)
    {
        _queues.Remove(queue.Declaration.Name);
        foreach (InMemoryExchange exchange in _exchanges.Values.Append(_amqDirect))
        {
            exchange.Unbind(queue);
        }

        queue.End();
    }

    /// <inheritdoc cref="InMemoryBroker.DeleteQueue"/>
    public bool Delete(string name)
    {
        if (Find(name) is not { } queue)
        {
            return false;
        }

        Delete(queue);
        return true;
    }

    /// <summary>Deletes the queues that are exclusive to a connection.</summary>
    public void DeleteExclusive(InMemoryConnection connection)
    {
        foreach (InMemoryQueue queue in _queues.Values.Where(queue => queue.Owner == connection).ToArray())
        {
            Delete(queue);
        }
    }

    /// <summary>Deletes what does not survive a restart. Quorum queues keep all their messages, classic ones the persistent.</summary>
    public void KeepDurable()
    {
        foreach (string name in _exchanges.Where(exchange => !exchange.Value.IsDirect).Select(exchange => exchange.Key).ToArray())
        {
            _exchanges.Remove(name);
        }

        foreach (InMemoryQueue queue in _queues.Values.ToArray())
        {
            if (!queue.Declaration.IsDurable)
            {
                Delete(queue);
            }
            else if (queue.Declaration.Kind is QueueKind.Classic or QueueKind.BrokerDefault)
            {
                queue.Purge(static message => !message.Content.IsPersistent);
            }
        }
    }

    /// <inheritdoc cref="InMemoryBroker.Wipe"/>
    public void Clear()
    {
        foreach (InMemoryQueue queue in _queues.Values.ToArray())
        {
            Delete(queue);
        }

        _exchanges.Clear();
    }

    /// <inheritdoc cref="InMemoryBroker.PurgeQueue"/>
    public int Purge(string name) => Find(name)?.Purge() ?? 0;

    /// <summary>Delivers what can be delivered.</summary>
    public void Dispatch()
    {
        foreach (InMemoryQueue queue in _queues.Values)
        {
            queue.Dispatch();
        }
    }

    /// <inheritdoc cref="InMemoryBroker.SetPolicy"/>
    public void SetPolicy(string queue, InMemoryPolicy? policy) => _policies[queue] = policy ?? NoPolicy;

    /// <inheritdoc cref="InMemoryBroker.SetWritable"/>
    public void SetWritable(string user, string exchange, bool isWritable)
    {
        if (isWritable)
        {
            _forbidden.Remove((user, exchange));
        }
        else
        {
            _forbidden.Add((user, exchange));
        }
    }

    /// <summary>Whether a user lacks the permission to publish to an exchange.</summary>
    public bool IsForbidden(string user, string exchange) => _forbidden.Count > 0 && _forbidden.Contains((user, exchange));

    /// <summary>The policy of a queue.</summary>
    public InMemoryPolicy PolicyOf(InMemoryQueue queue) => _policies.GetValueOrDefault(queue.Declaration.Name, NoPolicy);

    /// <summary>Deletes an exchange, with its bindings. Returns false if there is no such exchange.</summary>
    public bool DeleteExchange(string name) => _exchanges.Remove(name);

    private InMemoryExchange DeclareExchange(InMemoryChannel channel, string name, bool isDirect)
    {
        if (FindExchange(name) is not { } exchange)
        {
            _exchanges.Add(name, exchange = new InMemoryExchange(isDirect));
        }
        else if (exchange.IsDirect != isDirect)
        {
            (string wanted, string actual) = isDirect ? ("direct", "fanout") : ("fanout", "direct");
            throw channel.Refuse(
                AmqpReplyCodes.PreconditionFailed,
                $"PRECONDITION_FAILED - inequivalent arg 'type' for exchange '{name}' in vhost '/': received '{wanted}' but current is '{actual}'");
        }

        return exchange;
    }

    private static TransportRefusedException Locked(InMemoryChannel channel, string queue) => channel.Refuse(
        AmqpReplyCodes.ResourceLocked,
        $"RESOURCE_LOCKED - cannot obtain exclusive access to locked queue '{queue}' in vhost '/'. It could be originally "
            + "declared on another connection or the exclusive property value does not match that of the original declaration.");
}
