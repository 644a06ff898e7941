namespace RpcGen.Transport.InMemory;

/// <summary>A connection to an in-process broker.</summary>
internal sealed class InMemoryConnection : InMemoryLifetime, ITransportConnection
{
    private readonly InMemoryBroker _broker;
    private readonly List<InMemoryChannel> _channels = [];
    private readonly EventQueue<Action> _events;

    public InMemoryConnection(InMemoryBroker broker, Peer peer)
    {
        _broker = broker;
        Peer = peer;
        Commands = new CommandQueue(broker);
        _events = new EventQueue<Action>(broker, static raise => raise(), Fail);
    }

    public event Action? BlockedChanged;

    public Peer Peer { get; }

    /// <summary>What the connection sends to the broker.</summary>
    public CommandQueue Commands { get; }

    public BrokerHost? Host => null;

    public string? UserName => Peer.UserName;

    public string? BlockedReason => _broker.BlockedReason;

    /// <summary>The open channels. Used while holding the gate.</summary>
    public IReadOnlyList<InMemoryChannel> Channels => _channels;

    public Task<ITransportChannel> OpenChannelAsync(CancellationToken cancellationToken) =>
        Commands.AskAsync<ITransportChannel>(this, OpenChannel, cancellationToken);

    public Task<IConfirmedChannel> OpenConfirmedChannelAsync(CancellationToken cancellationToken) =>
        Commands.AskAsync<IConfirmedChannel>(this, () => new InMemoryConfirmedChannel(_broker, OpenChannel()), cancellationToken);

    public Task<ITransportPublisher> OpenPublisherAsync(CancellationToken cancellationToken) =>
        Commands.AskAsync<ITransportPublisher>(this, () => new InMemoryPublisher(_broker, OpenChannel()), cancellationToken);

    public ValueTask DisposeAsync()
    {
        InMemoryBrokers.CloseByOwner(_broker, this);
        return ValueTask.CompletedTask;
    }

    /// <summary>Raises an event of this connection or of one of its channels, in order. Used while holding the gate.</summary>
    public void Raise(Action raise) => _events.Post(raise);

    /// <summary>Raises <see cref="BlockedChanged"/>. Used while holding the gate.</summary>
    public void RaiseBlockedChanged() => Raise(() => BlockedChanged?.Invoke());

    public void Remove(InMemoryChannel channel) => _channels.Remove(channel);

    /// <summary>Ends the connection and its channels. Used while holding the gate.</summary>
    public void End(TransportClosure closure)
    {
        TryEnd(closure);
        foreach (InMemoryChannel channel in _channels.ToArray())
        {
            channel.Close(closure);
        }
    }

    private InMemoryChannel OpenChannel()
    {
        var channel = new InMemoryChannel(_broker, this);
        _channels.Add(channel);
        return channel;
    }

    private void Fail(Exception exception) =>
        _broker.CloseConnection(this, new TransportClosure($"541 INTERNAL_ERROR - a handler threw: {exception.Message}", exception) { ReplyCode = AmqpReplyCodes.InternalError });
}

/// <summary>The client at the other end of a connection.</summary>
/// <param name="Name">The connection's name.</param>
/// <param name="UserName">The connection's user.</param>
internal sealed record Peer(string Name, string UserName);
