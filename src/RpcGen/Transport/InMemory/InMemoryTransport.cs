namespace RpcGen.Transport.InMemory;

/// <summary>The way to the in-process broker of a name: everyone in the process who names it meets there.</summary>
/// <param name="name">The broker's name, compared ordinally.</param>
/// <param name="timeProvider">The broker's clock, unless the broker already exists: it keeps the one it was made with.</param>
internal sealed class InMemoryTransport(string name, TimeProvider timeProvider) : ITransport
{
    public string Address { get; } = $"memory://{name}";

    public async Task<ITransportConnection> ConnectAsync(string connectionName, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (InMemoryBroker.TryConnect(name, timeProvider, connectionName, out InMemoryConnection? connection, out Task? resumed))
            {
                return connection;
            }

            await resumed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
