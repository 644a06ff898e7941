using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace RpcGen.Transport.InMemory;

/// <summary>
/// A broker in this process: queues, exchanges and routing, answering as RabbitMQ does. All of its state, that of its
/// connections and channels included, is guarded by the one <see cref="Gate"/>; users' code never runs inside it.
/// </summary>
internal sealed partial class InMemoryBroker
{
    /// <summary>The largest message, as RabbitMQ has it since 4.0.</summary>
    public const int MaxMessageBytes = 16 * 1024 * 1024;

    private static readonly InMemoryPolicy NoPolicy = new();

    private readonly Dictionary<string, InMemoryQueue> _queues = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FanoutExchange> _exchanges = new(StringComparer.Ordinal);
    private readonly List<InMemoryConnection> _connections = [];
    private readonly Dictionary<string, InMemoryPolicy> _policies = new(StringComparer.Ordinal);
    private readonly TimeProvider _timeProvider;
    private int _lastReplyAddress;

    private InMemoryBroker(string name, TimeProvider timeProvider)
    {
        Name = name;
        _timeProvider = timeProvider;
    }

    public string Name { get; }

    /// <summary>Guards everything.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Runs what the broker has to tell its users: on the thread pool, unless a simulation takes it over.</summary>
    public Action<IThreadPoolWorkItem> Scheduler { get; set; } =
        static work => ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);

    /// <summary>The clock, in units of its own.</summary>
    public long Now => _timeProvider.GetTimestamp();

    /// <summary>Routes a message.</summary>
    /// <exception cref="TransportRefusedException">The channel is closed over it.</exception>
    public PublishOutcome Publish(InMemoryChannel channel, InMemoryMessage message)
    {
        ref readonly OutgoingMessage content = ref message.Content;
        if (content.Body.Length > MaxMessageBytes)
        {
            throw channel.Refuse(TransportRefusedException.PreconditionFailed, string.Create(CultureInfo.InvariantCulture,
                $"PRECONDITION_FAILED - message size {content.Body.Length} is larger than configured max size {MaxMessageBytes}"));
        }

        if (content.Expiration < 0)
        {
            throw channel.Refuse(TransportRefusedException.PreconditionFailed, string.Create(CultureInfo.InvariantCulture,
                $"PRECONDITION_FAILED - invalid expiration '{content.Expiration}'"));
        }

        if (content.ReplyTo == DirectReplyTo.PseudoQueue)
        {
            throw channel.Refuse(TransportRefusedException.PreconditionFailed, "PRECONDITION_FAILED - fast reply consumer does not exist");
        }

        if (content.UserId is { } userId && userId != channel.Connection.Peer.UserName)
        {
            throw channel.Refuse(
                TransportRefusedException.PreconditionFailed,
                $"PRECONDITION_FAILED - user_id property set to '{userId}' but authenticated user was '{channel.Connection.Peer.UserName}'");
        }

        if (content.Expiration > 0)
        {
            message.ExpiresAt = ExpiresAt(content.Expiration);
        }

        if (Route(channel, message) is { } result)
        {
            return new PublishOutcome(result);
        }

        if (!content.IsMandatory)
        {
            return new PublishOutcome(PublishResult.Confirmed); // of a message that nobody misses
        }

        const string reason = "312 NO_ROUTE";
        channel.Return(message, reason);
        return new PublishOutcome(PublishResult.Returned, reason);
    }

    /// <summary>A consumer has rejected a message of a queue.</summary>
    public void DeadLetter(InMemoryQueue queue, InMemoryMessage message)
    {
        if (PolicyOf(queue).DeadLetterQueue is { } name && _queues.TryGetValue(name, out InMemoryQueue? target))
        {
            target.Enqueue(message.WithoutExpiration());
        }
    }

    /// <summary>What an operator has set on a queue.</summary>
    public InMemoryPolicy PolicyOf(InMemoryQueue queue) => _policies.GetValueOrDefault(queue.Declaration.Name, NoPolicy);

    /// <summary>Declares a queue, for its connection alone where it is exclusive.</summary>
    public void Declare(InMemoryChannel channel, QueueDeclaration declaration)
    {
        InMemoryConnection? owner = declaration.Kind == QueueKind.Exclusive ? channel.Connection : null;
        if (!_queues.TryGetValue(declaration.Name, out InMemoryQueue? queue))
        {
            _queues.Add(declaration.Name, new InMemoryQueue(this, declaration, owner));
        }
        else if (queue.Owner != owner)
        {
            throw Locked(channel, declaration.Name);
        }
        else if (queue.Declaration.DiffersFrom(declaration) is { } difference)
        {
            throw channel.Refuse(
                TransportRefusedException.PreconditionFailed,
                $"PRECONDITION_FAILED - inequivalent arg {difference}");
        }
    }

    /// <summary>Makes the queue behind a channel's direct reply-to, which goes with its consumer.</summary>
    public string DeclareReplyAddress(InMemoryChannel channel)
    {
        string address = DirectReplyTo.Address(++_lastReplyAddress);
        Declare(channel, new QueueDeclaration(address, QueueKind.Exclusive));
        return address;
    }

    /// <summary>The queue of a name, refused where it is missing or another connection's own.</summary>
    public InMemoryQueue Require(InMemoryChannel channel, string name)
    {
        if (!_queues.TryGetValue(name, out InMemoryQueue? queue))
        {
            throw channel.Refuse(TransportRefusedException.NotFound, $"NOT_FOUND - no queue '{name}' in vhost '/'");
        }

        return queue.Owner is null || queue.Owner == channel.Connection ? queue : throw Locked(channel, name);
    }

    /// <summary>Binds a queue to a fanout exchange, which is made where it is missing.</summary>
    public void Bind(InMemoryChannel channel, string exchangeName, string queueName)
    {
        if (!_exchanges.TryGetValue(exchangeName, out FanoutExchange? exchange))
        {
            _exchanges.Add(exchangeName, exchange = new FanoutExchange());
        }

        exchange.Bind(Require(channel, queueName));
    }

    /// <summary>Deletes a queue, what it holds, and the exchanges that lose their last queue by it.</summary>
    public void Delete(InMemoryQueue queue)
    {
        _queues.Remove(queue.Declaration.Name);
        foreach ((string name, FanoutExchange exchange) in _exchanges)
        {
            if (exchange.Unbind(queue) && exchange.IsUnbound)
            {
                _exchanges.Remove(name);
            }
        }

        queue.End();
    }

    /// <summary>Ends a connection and what is its own.</summary>
    private void Close(InMemoryConnection connection, TransportClosure closure)
    {
        _connections.Remove(connection);
        connection.End(closure);
        foreach (InMemoryQueue queue in _queues.Values.Where(queue => queue.Owner == connection).ToArray())
        {
            Delete(queue);
        }
    }

    private bool TryAccept(
        Peer peer,
        [NotNullWhen(true)] out InMemoryConnection? connection,
        [NotNullWhen(false)] out Task? resumed)
    {
        lock (Gate)
        {
            if (IsStopped)
            {
                throw new RpcConnectionException($"No broker could be reached: memory://{Name}: the broker is stopped.");
            }

            connection = null;
            resumed = _resumed?.Task;
            if (resumed is not null)
            {
                return false;
            }

            connection = new InMemoryConnection(this, peer);
            _connections.Add(connection);
            return true;
        }
    }

    /// <summary>Whether the queues of a message took it; null where there is none.</summary>
    private PublishResult? Route(InMemoryChannel channel, InMemoryMessage message)
    {
        ref readonly OutgoingMessage content = ref message.Content;
        if (content.Exchange.Length == 0)
        {
            return _queues.TryGetValue(content.RoutingKey, out InMemoryQueue? queue) ? queue.Enqueue(message) : null;
        }

        return _exchanges.TryGetValue(content.Exchange, out FanoutExchange? exchange)
            ? exchange.Enqueue(message)
            : throw channel.Refuse(TransportRefusedException.NotFound, $"NOT_FOUND - no exchange '{content.Exchange}' in vhost '/'");
    }

    private long ExpiresAt(long milliseconds)
    {
        double ticks = (double)milliseconds * _timeProvider.TimestampFrequency / 1000;
        long now = Now;
        return ticks < long.MaxValue - now ? now + (long)ticks : long.MaxValue;
    }

    private static TransportRefusedException Locked(InMemoryChannel channel, string queue) => channel.Refuse(
        TransportRefusedException.ResourceLocked,
        $"RESOURCE_LOCKED - cannot obtain exclusive access to locked queue '{queue}' in vhost '/'. It could be originally "
            + "declared on another connection or the exclusive property value does not match that of the original declaration.");
}
