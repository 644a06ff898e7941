namespace RpcGen.Transport;

/// <summary>Connects to one broker. A connection or channel that has closed stays closed; reopening is left to the layer above.</summary>
internal interface ITransport
{
    /// <summary>The broker's address for logs and messages, without user name and password.</summary>
    string Address { get; }

    /// <summary>The user that connections are opened as, for messages; empty if it is not known, or not yet.</summary>
    string UserName { get; }

    /// <summary>Opens a connection. Tries the hosts of the address in turn.</summary>
    /// <param name="name">The connection's name, shown to the broker's operators.</param>
    /// <param name="cancellationToken">Cancels the attempt.</param>
    /// <exception cref="RpcConnectionException">No host could be reached. The message names each host and its error.</exception>
    Task<ITransportConnection> ConnectAsync(string name, CancellationToken cancellationToken);
}
