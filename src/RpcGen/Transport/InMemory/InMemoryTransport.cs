namespace RpcGen.Transport.InMemory;

/// <summary>Connects to the in-process broker of a name. All transports of a process with the same name share a broker.</summary>
/// <param name="name">The broker's name, compared ordinally.</param>
/// <param name="timeProvider">The clock of the broker, if this transport creates it.</param>
/// <param name="userName">The user of the connections. There are no passwords.</param>
/// <param name="credentials">Asked for the user in place of <paramref name="userName"/>; null for none.</param>
internal sealed class InMemoryTransport(
    string name, TimeProvider timeProvider, string userName = InMemoryTransport.DefaultUser, Func<CancellationToken, ValueTask<Login>>? credentials = null) : ITransport
{
    /// <summary>The user if none is given, as with RabbitMQ.</summary>
    public const string DefaultUser = "guest";

    public string Address { get; } = $"memory://{name}";

    public string UserName { get; } = userName;

    public async Task<ITransportConnection> ConnectAsync(string connectionName, CancellationToken cancellationToken)
    {
        string user = credentials is null ? UserName : (await credentials(cancellationToken).ConfigureAwait(false)).UserName;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (InMemoryBrokers.TryConnect(name, timeProvider, new Peer(connectionName, user), out InMemoryConnection? connection, out Task? resumed))
            {
                return connection;
            }

            await resumed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
