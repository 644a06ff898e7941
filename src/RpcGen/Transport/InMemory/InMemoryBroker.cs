using System.Diagnostics.CodeAnalysis;

namespace RpcGen.Transport.InMemory;

/// <summary>
/// A broker in this process that answers as RabbitMQ does: its connections, and what an operator, the network or a test
/// does to it. <see cref="Gate"/> guards all its state, including that of its connections, channels and queues. The broker
/// never calls its users while it holds the gate.
/// </summary>
internal sealed class InMemoryBroker : IDisposable
{
    private readonly List<InMemoryConnection> _connections = [];
    private readonly TimeProvider _timeProvider;
    private TaskCompletionSource? _resumed;

    public InMemoryBroker(string name, TimeProvider timeProvider)
    {
        Name = name;
        _timeProvider = timeProvider;
        Topology = new Topology(this);
    }

    public string Name { get; }

    /// <summary>Guards all state of the broker.</summary>
    public Lock Gate { get; } = new();

    /// <summary>The queues and exchanges. Used while holding the gate.</summary>
    public Topology Topology { get; }

    /// <summary>Runs the calls to the broker's users. Default: the thread pool. A simulation can replace it.</summary>
    public Action<IThreadPoolWorkItem> Scheduler { get; set; } =
        static work => ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);

    /// <summary>Whether the broker neither reads nor delivers.</summary>
    public bool IsPaused => _resumed is not null;

    /// <summary>Whether the broker refuses connections.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>The alarm because of which the broker accepts no messages; null without an alarm.</summary>
    public string? BlockedReason { get; private set; }

    /// <summary>The open connections.</summary>
    public IReadOnlyList<InMemoryConnection> Connections
    {
        get
        {
            lock (Gate)
            {
                return [.. _connections];
            }
        }
    }

    /// <summary>The queues, ordered by name.</summary>
    public IReadOnlyList<InMemoryQueueInfo> Queues
    {
        get
        {
            lock (Gate)
            {
                return Topology.Describe();
            }
        }
    }

    /// <summary>The broker's clock, in its own units.</summary>
    public long Now => _timeProvider.GetTimestamp();

    /// <summary>The broker's clock in some milliseconds; <see cref="long.MaxValue"/> if it cannot show that time.</summary>
    public long NowPlus(long milliseconds)
    {
        double ticks = (double)milliseconds * _timeProvider.TimestampFrequency / 1000;
        long now = Now;
        return ticks < long.MaxValue - now ? now + (long)ticks : long.MaxValue;
    }

    /// <summary>Accepts a connection. If the broker is paused, returns false and a task that completes when it resumes.</summary>
    /// <exception cref="RpcConnectionException">The broker is stopped.</exception>
    public bool TryAccept(
        Peer peer,
        [NotNullWhen(true)] out InMemoryConnection? connection,
        [NotNullWhen(false)] out Task? resumed)
    {
        lock (Gate)
        {
            if (IsStopped)
            {
                throw new RpcConnectionException($"No connection to memory://{Name}: the broker is stopped.");
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

    /// <summary>Closes every connection.</summary>
    public void CloseConnections(TransportClosure closure)
    {
        lock (Gate)
        {
            CloseAll(closure);
        }
    }

    /// <summary>Closes one connection. Returns false if it is closed already.</summary>
    public bool CloseConnection(InMemoryConnection connection, TransportClosure closure)
    {
        lock (Gate)
        {
            if (connection.IsClosed)
            {
                return false;
            }

            Close(connection, closure);
            return true;
        }
    }

    /// <summary>Closes one channel.</summary>
    public void CloseChannel(InMemoryChannel channel, TransportClosure closure)
    {
        lock (Gate)
        {
            channel.Close(closure);
        }
    }

    /// <summary>
    /// Raises an alarm, which every connection is told. What a connection publishes then waits, and all that it sends after
    /// it. Deliveries go on.
    /// </summary>
    public void Block(string reason) => SetBlocked(reason);

    /// <summary>Ends the alarm.</summary>
    public void Unblock() => SetBlocked(null);

    /// <summary>Stops reading and delivering while connections stay open, as if the broker's process or the network hung.</summary>
    public void Pause()
    {
        lock (Gate)
        {
            _resumed ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Ends a pause.</summary>
    public void Resume()
    {
        lock (Gate)
        {
            _resumed?.SetResult();
            _resumed = null;
            Topology.Dispatch();
            RunWaitingCommands();
        }
    }

    /// <summary>Shuts down: closes every connection, refuses new ones, and keeps what is durable.</summary>
    public void Stop()
    {
        lock (Gate)
        {
            IsStopped = true;
            CloseAll(TransportClosure.ByBroker(AmqpReplyCodes.ConnectionForced, "CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'"));
            Topology.KeepDurable();
        }
    }

    /// <summary>Starts again after <see cref="Stop"/>.</summary>
    public void Start()
    {
        lock (Gate)
        {
            IsStopped = false;
        }
    }

    /// <summary>Deletes all queues and exchanges, used or not.</summary>
    public void Wipe()
    {
        lock (Gate)
        {
            Topology.Clear();
        }
    }

    /// <summary>Sets the policy of a queue, which need not exist yet; null for none.</summary>
    public void SetPolicy(string queue, InMemoryPolicy? policy)
    {
        lock (Gate)
        {
            Topology.SetPolicy(queue, policy);
        }
    }

    /// <summary>Gives a user the permission to publish to an exchange, or takes it away. Default: users can publish to every exchange.</summary>
    /// <param name="user">The user.</param>
    /// <param name="exchange">The exchange, which need not exist yet; empty for the default exchange.</param>
    /// <param name="isWritable">Whether the user can publish.</param>
    public void SetWritable(string user, string exchange, bool isWritable)
    {
        lock (Gate)
        {
            Topology.SetWritable(user, exchange, isWritable);
        }
    }

    /// <summary>Deletes an exchange, with its bindings. Returns false if there is no such exchange.</summary>
    public bool DeleteExchange(string name)
    {
        lock (Gate)
        {
            return Topology.DeleteExchange(name);
        }
    }

    /// <summary>Deletes a queue and cancels its consumers. Returns false if there is no such queue.</summary>
    public bool DeleteQueue(string name)
    {
        lock (Gate)
        {
            return Topology.Delete(name);
        }
    }

    /// <summary>Removes the ready messages of a queue. Returns how many.</summary>
    public int PurgeQueue(string name)
    {
        lock (Gate)
        {
            return Topology.Purge(name);
        }
    }

    /// <summary>Ends one <see cref="InMemoryBrokers.Hold"/>.</summary>
    public void Dispose() => InMemoryBrokers.Release(this);

    private void Close(InMemoryConnection connection, TransportClosure closure)
    {
        _connections.Remove(connection);
        connection.End(closure);
        Topology.DeleteExclusive(connection);
    }

    private void CloseAll(TransportClosure closure)
    {
        foreach (InMemoryConnection connection in _connections.ToArray())
        {
            Close(connection, closure);
        }
    }

    private void SetBlocked(string? reason)
    {
        lock (Gate)
        {
            if (BlockedReason == reason)
            {
                return;
            }

            BlockedReason = reason;
            foreach (InMemoryConnection connection in _connections)
            {
                connection.RaiseBlockedChanged();
            }

            RunWaitingCommands();
        }
    }

    private void RunWaitingCommands()
    {
        foreach (InMemoryConnection connection in _connections.ToArray()) // a command can close its connection
        {
            connection.Commands.RunWaiting();
        }
    }
}
