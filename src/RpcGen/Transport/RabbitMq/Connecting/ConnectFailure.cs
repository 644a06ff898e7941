using System.Net;

namespace RpcGen.Transport.RabbitMq.Connecting;

/// <summary>A failed attempt to connect to one host.</summary>
/// <param name="Host">The host.</param>
/// <param name="Exception">What was thrown.</param>
/// <param name="Peer">What was seen of the other side; null if no connection came about.</param>
internal sealed record ConnectFailure(BrokerHost Host, Exception Exception, PeerObservation? Peer = null)
{
    /// <summary>The address of the host, if it has several; otherwise null.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>The host for messages, with the address if it has several.</summary>
    public string Name => Address is null ? Host.ToString() : $"{Host} ({Address})";
}
