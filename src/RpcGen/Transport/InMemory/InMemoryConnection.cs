namespace RpcGen.Transport.InMemory;

/// <summary>A connection to an in-process broker.</summary>
internal sealed class InMemoryConnection : InMemoryLifetime, ITransportConnection
{
    private readonly InMemoryBroker _broker;
    private readonly List<InMemoryChannel> _channels = [];
    private readonly Mailbox<Action> _events;

    public InMemoryConnection(InMemoryBroker broker, Peer peer)
    {
        _broker = broker;
        Peer = peer;
        Uplink = new Uplink(broker);
        _events = new Mailbox<Action>(broker, static tell => tell(), Fail);
    }

    public event Action? BlockedChanged;

    public Peer Peer { get; }

    public Uplink Uplink { get; }

    public BrokerHost? Host => null;

    public string? BlockedReason => _broker.BlockedReason;

    /// <summary>The channels that are open; under the gate.</summary>
    public IReadOnlyList<InMemoryChannel> Channels => _channels;

    public Task<ITransportChannel> OpenChannelAsync(CancellationToken cancellationToken) =>
        Uplink.AskAsync<ITransportChannel>(this, OpenChannel, cancellationToken);

    public Task<ITransportPublisher> OpenPublisherAsync(CancellationToken cancellationToken) =>
        Uplink.AskAsync<ITransportPublisher>(this, () => new InMemoryPublisher(_broker, OpenChannel()), cancellationToken);

    public ValueTask DisposeAsync()
    {
        _broker.CloseByOwner(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>Raises an event of this connection or one of its channels, in turn; under the gate.</summary>
    public void Raise(Action tell) => _events.Post(tell);

    public void RaiseBlockedChanged() => Raise(() => BlockedChanged?.Invoke());

    public void Remove(InMemoryChannel channel) => _channels.Remove(channel);

    /// <summary>Ends the connection with its channels; under the gate.</summary>
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
        _broker.CloseConnection(this, new TransportClosure($"541 INTERNAL_ERROR - a handler threw: {exception.Message}", exception));
}

/// <summary>Who is at the other end of a connection.</summary>
/// <param name="Name">What the connection is called.</param>
/// <param name="UserName">The user whom it belongs to.</param>
internal sealed record Peer(string Name, string UserName);
