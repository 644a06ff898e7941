namespace RpcGen.Tests.Serialization;

#pragma warning disable RPCGEN023, RPCGEN045, RPCGEN055 // The analyzers say the same, but not for types that they cannot see through.

public interface IThing
{
    int N { get; }
}

public sealed class Holder
{
    public List<IThing> Things { get; set; } = [];
}

public sealed class Clash
{
    public int Id { get; set; }

    [System.Text.Json.Serialization.JsonPropertyName("id")]
    public int Number { get; set; }
}

public sealed class ThingException(string message, IThing thing) : Exception(message)
{
    public IThing Thing { get; } = thing;
}

[AmqpRpc]
public partial interface ITakesThings
{
    Task TakeAsync(int n, Holder holder);
}

[AmqpRpc]
public partial interface IGivesThings
{
    Task<Holder> GiveAsync();
}

[AmqpRpc]
public partial interface IFailsWithThings
{
    [RpcFault<ThingException>("thing")]
    Task FailAsync();
}

[AmqpRpc]
public partial interface IStreamsThings
{
    IAsyncEnumerable<Holder> ListAsync(CancellationToken cancellationToken = default);
}

[AmqpRpc]
public partial interface IClashing
{
    Task<int> FineAsync();

    Task ClashAsync(Clash clash);
}

/// <summary>Types that JSON does not support are told when a client or server is created, and only where they are read.</summary>
public sealed class ContractTypesTests : IAsyncDisposable
{
    private RpcConnection? _connection;

    [Fact]
    public async Task Arguments_are_read_by_servers()
    {
        RpcConnection connection = await ConnectAsync();
        connection.CreateClient<ITakesThings>();
        InvalidOperationException e = await Assert.ThrowsAsync<InvalidOperationException>(() => connection.ServeAsync<ITakesThings>(new Service(), cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(
            "The contract 'RpcGen.Tests.Serialization.ITakesThings' cannot be used, because JSON does not support the type 'RpcGen.Tests.Serialization.IThing' " +
            "in the argument 'holder' of the method 'Take': it is abstract, and no [JsonDerivedType] names its derived types.",
            e.Message);
    }

    [Fact]
    public async Task Results_are_read_by_clients()
    {
        RpcConnection connection = await ConnectAsync();
        await using RpcServer server = await connection.ServeAsync<IGivesThings>(new Service(), cancellationToken: TestContext.Current.CancellationToken);
        InvalidOperationException e = Assert.Throws<InvalidOperationException>(() => connection.CreateClient<IGivesThings>());
        Assert.Contains("in the result of the method 'Give'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Items_of_streams_are_read_by_clients()
    {
        RpcConnection connection = await ConnectAsync();
        await using RpcServer server = await connection.ServeAsync<IStreamsThings>(new Service(), cancellationToken: TestContext.Current.CancellationToken);
        InvalidOperationException e = Assert.Throws<InvalidOperationException>(() => connection.CreateClient<IStreamsThings>());
        Assert.Contains("in the item of the stream 'List'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Faults_are_read_by_clients()
    {
        RpcConnection connection = await ConnectAsync();
        await using RpcServer server = await connection.ServeAsync<IFailsWithThings>(new Service(), cancellationToken: TestContext.Current.CancellationToken);
        InvalidOperationException e = Assert.Throws<InvalidOperationException>(() => connection.CreateClient<IFailsWithThings>());
        Assert.Contains("in the member 'thing' of the fault 'thing' of the method 'Fail'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Declarations_that_contradict_each_other_stop_both()
    {
        RpcConnection connection = await ConnectAsync();
        InvalidOperationException client = Assert.Throws<InvalidOperationException>(() => connection.CreateClient<IClashing>());
        InvalidOperationException server = await Assert.ThrowsAsync<InvalidOperationException>(() => connection.ServeAsync<IClashing>(new Service(), cancellationToken: TestContext.Current.CancellationToken));
        Assert.StartsWith(
            "The contract 'RpcGen.Tests.Serialization.IClashing' cannot be used, because of the argument 'clash' of the method 'Clash': JSON refuses the type 'RpcGen.Tests.Serialization.Clash': ",
            client.Message,
            StringComparison.Ordinal);
        Assert.Equal(client.Message, server.Message);
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
        }
    }

    private async Task<RpcConnection> ConnectAsync() =>
        _connection = await RpcConnection.ConnectAsync("memory://" + Guid.NewGuid(), TestContext.Current.CancellationToken);

    private sealed class Service : ITakesThings, IGivesThings, IFailsWithThings, IStreamsThings, IClashing
    {
        public IAsyncEnumerable<Holder> ListAsync(CancellationToken cancellationToken) => AsyncEnumerable.Empty<Holder>();

        public Task TakeAsync(int n, Holder holder) => Task.CompletedTask;

        public Task<Holder> GiveAsync() => Task.FromResult(new Holder());

        public Task FailAsync() => Task.CompletedTask;

        public Task<int> FineAsync() => Task.FromResult(1);

        public Task ClashAsync(Clash clash) => Task.CompletedTask;
    }
}
