using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Failures;

#pragma warning disable RPCGEN023, RPCGEN045 // The analyzer says the same as the test.

/// <summary>An argument whose own code refuses values.</summary>
public sealed class Guarded
{
    private int _count;

    public string Name { get; set; } = "";

    public int Count
    {
        get => _count >= 0 ? _count : throw new InvalidOperationException("The count is unknown.");
        set => _count = value < 100 ? value : throw new ArgumentException("There is room for 99.");
    }
}

/// <summary>Can be written, but not read.</summary>
public interface IUnreadable
{
    int Number { get; }
}

[AmqpRpc]
public partial interface IGuard
{
    Task<int> StoreAsync(Guarded guarded);
}

[AmqpRpc]
public partial interface IUnreadableArgument
{
    Task TakeAsync(List<IUnreadable> values);
}

/// <summary>The same argument without code of its own, as a client in another language sends it.</summary>
public sealed record Unguarded(string Name, int Count);

[AmqpRpc]
public partial interface IUnguarded
{
    Task<int> StoreAsync(Unguarded guarded);
}

/// <summary>Failures that data types cause.</summary>
public sealed class DataFailureTests : IDisposable
{
    private readonly MemoryBroker _broker = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_setter_that_refuses_its_value_is_a_violation_with_its_message()
    {
        await using RpcConnection connection = await RpcConnection.ConnectAsync(_broker.Url, Cancel);
        await using RpcServer server = await connection.ServeAsync<IGuard>(new Guard(), cancellationToken: Cancel);
        IUnguarded other = connection.CreateClient<IUnguarded>(new RpcClientOptions { Queue = server.Queue });

        RpcValidationException e = await Assert.ThrowsAsync<RpcValidationException>(() => other.StoreAsync(new Unguarded("a", 100)));

        Assert.Equal("There is room for 99.", Assert.Single(e.Errors["guarded.count"]));
        Assert.Equal(99, await other.StoreAsync(new Unguarded("a", 99)));
    }

    [Fact]
    public async Task A_getter_that_throws_at_the_client_sends_nothing()
    {
        await using RpcConnection connection = await RpcConnection.ConnectAsync(_broker.Url, Cancel);
        IGuard nobody = connection.CreateClient<IGuard>();

        RpcProtocolException e = await Assert.ThrowsAsync<RpcProtocolException>(() => nobody.StoreAsync(new Guarded { Count = -1 }));

        Assert.IsType<InvalidOperationException>(e.InnerException);
        Assert.Equal(RpcExecution.NotStarted, e.Execution);
    }

    [Fact]
    public async Task A_type_that_cannot_be_read_is_told_by_the_server_that_would_read_it()
    {
        await using RpcConnection connection = await RpcConnection.ConnectAsync(_broker.Url, Cancel);

        InvalidOperationException e = await Assert.ThrowsAsync<InvalidOperationException>(() => connection.ServeAsync<IUnreadableArgument>(new Guard(), cancellationToken: Cancel));

        Assert.All(["IUnreadableArgument", "'Take'", "'values'", "IUnreadable'", "[JsonDerivedType]"], part => Assert.Contains(part, e.Message, StringComparison.Ordinal));
    }

    public void Dispose() => _broker.Dispose();

    private sealed class Guard : IGuard, IUnreadableArgument
    {
        public Task<int> StoreAsync(Guarded guarded) => Task.FromResult(guarded.Count);

        public Task TakeAsync(List<IUnreadable> values) => Task.CompletedTask;
    }
}
