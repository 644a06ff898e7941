namespace RpcGen.Transport.InMemory;

/// <summary>The way to the in-process broker of a name: everyone in the process who names it meets there.</summary>
/// <param name="name">The broker's name, compared ordinally.</param>
/// <param name="timeProvider">The broker's clock, unless the broker already exists: it keeps the one it was made with.</param>
/// <param name="userName">Who the broker takes the connections' owner for: everyone is who they say.</param>
internal sealed class InMemoryTransport(string name, TimeProvider timeProvider, string userName = InMemoryTransport.DefaultUser) : ITransport
{
    /// <summary>Who connects without saying who, as with RabbitMQ.</summary>
    public const string DefaultUser = "guest";

    public string Address { get; } = $"memory://{name}";

    public string UserName { get; } = userName;

    public async Task<ITransportConnection> ConnectAsync(string connectionName, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (InMemoryBroker.TryConnect(name, timeProvider, new Peer(connectionName, UserName), out InMemoryConnection? connection, out Task? resumed))
            {
                return connection;
            }

            await resumed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
