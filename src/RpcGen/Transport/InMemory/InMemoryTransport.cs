namespace RpcGen.Transport.InMemory;

/// <summary>Connects to the in-process broker of a name. All transports of a process with the same name share a broker.</summary>
/// <param name="name">The broker's name, compared ordinally.</param>
/// <param name="timeProvider">The clock of the broker, if this transport creates it.</param>
/// <param name="userName">The user of the connections. There are no passwords.</param>
internal sealed class InMemoryTransport(string name, TimeProvider timeProvider, string userName = InMemoryTransport.DefaultUser) : ITransport
{
    /// <summary>The user if none is given, as with RabbitMQ.</summary>
    public const string DefaultUser = "guest";

    public string Address { get; } = $"memory://{name}";

    public string UserName { get; } = userName;

    public async Task<ITransportConnection> ConnectAsync(string connectionName, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (InMemoryBrokers.TryConnect(name, timeProvider, new Peer(connectionName, UserName), out InMemoryConnection? connection, out Task? resumed))
            {
                return connection;
            }

            await resumed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
