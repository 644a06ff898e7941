using System.Net;

namespace RpcGen.Transport;

/// <summary>An open connection. Thread-safe. Disposal closes it and its channels within a few seconds.</summary>
internal interface ITransportConnection : IClosable
{
    /// <summary>The broker's host; null if the broker is in this process.</summary>
    BrokerHost? Host { get; }

    /// <summary>The address of the node, or of a proxy before it; null if the broker is in this process.</summary>
    IPEndPoint? Peer => null;

    /// <summary>The user that the connection is opened as, if it is known. The broker accepts no other in <c>user_id</c>.</summary>
    string? UserName { get; }

    /// <summary>Whether the login expires and is renewed before that. The broker can then allow with the next secret what it refuses now.</summary>
    bool HasTemporaryLogin => false;

    /// <summary>Why the broker does not read what is published (an alarm); null while it reads.</summary>
    string? BlockedReason { get; }

    /// <summary>Raised after each change of <see cref="BlockedReason"/>. Handlers must not block.</summary>
    event Action? BlockedChanged;

    /// <summary>Whether the broker marks each message that it delivers again.</summary>
    bool MarksEachRedelivery => true;

    /// <summary>How many channels can be open at the same time.</summary>
    int ChannelMax => int.MaxValue;

    /// <summary>Detects whether the connection is dead; null if the broker is in this process.</summary>
    ILivenessProbe? Probe => null;

    /// <summary>Opens a channel.</summary>
    /// <exception cref="TransportClosedException">The connection is closed.</exception>
    Task<ITransportChannel> OpenChannelAsync(CancellationToken cancellationToken);

    /// <summary>Opens a channel with publisher confirms that are events.</summary>
    /// <exception cref="TransportClosedException">The connection is closed.</exception>
    Task<IConfirmedChannel> OpenConfirmedChannelAsync(CancellationToken cancellationToken);

    /// <summary>Opens a channel with publisher confirms that are waited for.</summary>
    /// <exception cref="TransportClosedException">The connection is closed.</exception>
    Task<ITransportPublisher> OpenPublisherAsync(CancellationToken cancellationToken);
}
