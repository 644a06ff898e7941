namespace RpcGen.Transport;

/// <summary>
/// The way to one broker. Connections and channels live once: what closes stays closed, for mending is the business of
/// the layer above.
/// </summary>
internal interface ITransport
{
    /// <summary>The broker's address for people: no user name, no password.</summary>
    string Address { get; }

    /// <summary>The user whom the broker knows the connections by, and the only one that it takes for a <c>user_id</c>.</summary>
    string UserName { get; }

    /// <summary>Opens a connection, trying every host of the address in turn.</summary>
    /// <param name="name">What the broker's operators see it called.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="RpcConnectionException">No host could be reached; the message names each with its cause.</exception>
    Task<ITransportConnection> ConnectAsync(string name, CancellationToken cancellationToken);
}
