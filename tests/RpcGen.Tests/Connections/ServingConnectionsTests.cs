using RpcGen.Connections;
using RpcGen.Runtime;
using RpcGen.Tests.Client.Support;
using RpcGen.Tests.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Connections;

/// <summary>Servers share a connection until its channels are used up.</summary>
public sealed class ServingConnectionsTests : IAsyncLifetime
{
    private readonly List<FakeConnection> _opened = [];
    private readonly ServingConnections _connections;

    public ServingConnectionsTests() => _connections = new ServingConnections(Create, opensInBackground: false);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync() => _connections.DisposeAsync();

    [Fact]
    public async Task A_connection_is_shared_until_half_of_its_channels_are_used()
    {
        ServingPlace[] places = [await GetAsync(), await GetAsync(), await GetAsync(), await GetAsync(), await GetAsync()];

        Assert.Equal(3, _opened.Count); // four channels each
        Assert.Equal([0, 0, 1, 1, 2], places.Select(place => _opened.IndexOf((FakeConnection)place.Connection.Current!)));
    }

    [Fact]
    public async Task A_place_that_was_left_is_given_again_once()
    {
        ServingPlace first = await GetAsync();
        await GetAsync();

        first.Leave();
        first.Leave();

        Assert.Same(first.Connection, (await GetAsync()).Connection);
        Assert.NotSame(first.Connection, (await GetAsync()).Connection);
    }

    [Fact]
    public async Task After_the_close_no_connection_is_opened()
    {
        await GetAsync();
        await GetAsync();

        await _connections.CloseAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(GetAsync);
        Assert.Single(_opened);
    }

    [Fact]
    public async Task Disposal_closes_all()
    {
        await GetAsync();
        await GetAsync();
        await GetAsync();

        await _connections.DisposeAsync();

        Assert.All(_opened, connection => Assert.True(connection.Closed.IsCompleted));
    }

    private Task<ServingPlace> GetAsync() => _connections.GetPlaceAsync(Cancel).WaitAsync(Bounds.Soon, Cancel);

    private Supervisor<ITransportConnection> Create() => new(
        "The connection",
        _ =>
        {
            var connection = new FakeConnection { ChannelMax = 4 };
            _opened.Add(connection);
            return Task.FromResult<ITransportConnection>(connection);
        },
        new RpcEnvironment(new ManualTime(), new FixedRandom(0), new RecordingLogger()));
}
