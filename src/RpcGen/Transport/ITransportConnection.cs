namespace RpcGen.Transport;

/// <summary>An open connection. Thread-safe. Disposal closes it, its channels included, within a few seconds at most.</summary>
internal interface ITransportConnection : ISupervised
{
    /// <summary>The broker's host; null within this process.</summary>
    BrokerHost? Host { get; }

    /// <summary>Why the broker does not read what is published (an alarm); null while it does.</summary>
    string? BlockedReason { get; }

    /// <summary>Raised after each change of <see cref="BlockedReason"/>, on a thread that must not be held.</summary>
    event Action? BlockedChanged;

    /// <summary>Opens a channel.</summary>
    /// <exception cref="TransportClosedException">The connection is closed.</exception>
    Task<ITransportChannel> OpenChannelAsync(CancellationToken cancellationToken);

    /// <summary>Opens a channel on which the broker confirms what is published.</summary>
    /// <exception cref="TransportClosedException">The connection is closed.</exception>
    Task<ITransportPublisher> OpenPublisherAsync(CancellationToken cancellationToken);
}
