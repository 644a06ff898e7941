using RpcGen.Tests.Hosting;
using RpcGen.Tests.Support;
using RpcGen.Transport.InMemory;

namespace RpcGen.Tests.Api;

/// <summary>The state that a connection shows.</summary>
public sealed class ConnectionStateTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task It_follows_the_broker()
    {
        string address = Application.NewAddress();
        using InMemoryBroker broker = InMemoryBrokers.Hold(address["memory://".Length..], TimeProvider.System);
        broker.Stop();
        RpcConnection connection = RpcConnection.Open(ConnectionSource.Fixed(address), new RpcConnectionOptions());
        Assert.Equal(RpcConnectionState.Connecting, connection.State);

        broker.Start();
        await UntilAsync(connection, RpcConnectionState.Connected);
        broker.Block("low on memory");
        await UntilAsync(connection, RpcConnectionState.Blocked);
        broker.Unblock();
        await UntilAsync(connection, RpcConnectionState.Connected);
        broker.Stop();
        await UntilAsync(connection, RpcConnectionState.Connecting);
        await connection.DisposeAsync();

        Assert.Equal(RpcConnectionState.Closed, connection.State);
    }

    private static async Task UntilAsync(RpcConnection connection, RpcConnectionState state)
    {
        while (connection.State != state)
        {
            await Task.Delay(1, Cancel);
        }
    }
}
