namespace RpcGen.Transport.InMemory;

// What an operator, a network or a test may do to the broker.
internal sealed partial class InMemoryBroker
{
    private TaskCompletionSource? _resumed;

    /// <summary>Whether it neither reads nor delivers.</summary>
    public bool IsPaused => _resumed is not null;

    /// <summary>Whether it refuses connections.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>The alarm for which it takes no messages; null while there is none.</summary>
    public string? BlockedReason { get; private set; }

    /// <summary>The connections that are open.</summary>
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

    /// <summary>The queues, in the order of their names.</summary>
    public IReadOnlyList<InMemoryQueueInfo> Queues
    {
        get
        {
            lock (Gate)
            {
                return [.. _queues.Values.OrderBy(queue => queue.Declaration.Name, StringComparer.Ordinal).Select(queue => queue.Describe())];
            }
        }
    }

    /// <summary>Closes every connection.</summary>
    public void CloseConnections(string reason, Exception? exception = null)
    {
        lock (Gate)
        {
            CloseAll(new TransportClosure(reason, exception));
        }
    }

    /// <summary>Closes one connection.</summary>
    public void CloseConnection(InMemoryConnection connection, TransportClosure closure)
    {
        lock (Gate)
        {
            if (!connection.IsClosed)
            {
                Close(connection, closure);
            }
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
    /// Raises an alarm: every connection learns of it, and holds up what it publishes and all that it sends after that.
    /// Consumers are served on.
    /// </summary>
    public void Block(string reason) => SetBlocked(reason);

    /// <summary>Ends the alarm.</summary>
    public void Unblock() => SetBlocked(null);

    /// <summary>Stops reading and delivering, while connections stay open: a process that hangs, a network that drops.</summary>
    public void Pause()
    {
        lock (Gate)
        {
            _resumed ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Goes on where it paused.</summary>
    public void Resume()
    {
        lock (Gate)
        {
            _resumed?.SetResult();
            _resumed = null;
            foreach (InMemoryQueue queue in _queues.Values)
            {
                queue.Dispatch();
            }

            Release();
        }
    }

    /// <summary>Shuts down: closes every connection, refuses new ones, keeps what is durable.</summary>
    public void Stop()
    {
        lock (Gate)
        {
            IsStopped = true;
            CloseAll(new TransportClosure("320 CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'"));
            _exchanges.Clear();
            foreach (InMemoryQueue queue in _queues.Values.ToArray())
            {
                if (!queue.Declaration.IsDurable())
                {
                    Delete(queue);
                }
                else if (queue.Declaration.Kind == QueueKind.Classic)
                {
                    queue.Purge(static message => !message.Content.IsPersistent);
                }
            }
        }
    }

    /// <summary>Starts after <see cref="Stop"/>.</summary>
    public void Start()
    {
        lock (Gate)
        {
            IsStopped = false;
        }
    }

    /// <summary>Deletes every queue and exchange, whoever uses them.</summary>
    public void Wipe()
    {
        lock (Gate)
        {
            foreach (InMemoryQueue queue in _queues.Values.ToArray())
            {
                Delete(queue);
            }

            _exchanges.Clear();
        }
    }

    /// <summary>Sets what holds for the queue of a name, now or once it is declared; null for nothing.</summary>
    public void SetPolicy(string queue, InMemoryPolicy? policy)
    {
        lock (Gate)
        {
            _policies[queue] = policy ?? NoPolicy;
        }
    }

    /// <summary>Deletes a queue, its consumers are cancelled; false where there is none.</summary>
    public bool DeleteQueue(string name)
    {
        lock (Gate)
        {
            if (!_queues.TryGetValue(name, out InMemoryQueue? queue))
            {
                return false;
            }

            Delete(queue);
            return true;
        }
    }

    /// <summary>Drops what is ready in a queue; returns how much.</summary>
    public int PurgeQueue(string name)
    {
        lock (Gate)
        {
            return _queues.TryGetValue(name, out InMemoryQueue? queue) ? queue.Purge() : 0;
        }
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

            Release();
        }
    }

    private void Release()
    {
        foreach (InMemoryConnection connection in _connections)
        {
            connection.Uplink.Release();
        }
    }
}

/// <summary>What an operator sees of a queue.</summary>
internal sealed record InMemoryQueueInfo(QueueDeclaration Declaration, int Ready, int Unacked, int Consumers)
{
    public string Name => Declaration.Name;
}
