namespace RpcGen.Tests.Api;

/// <summary>A queue of a connection belongs to one contract.</summary>
public sealed class SharedQueueTests
{
    [Fact]
    public async Task Another_contract_on_a_served_queue_is_refused()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        await using RpcConnection connection = await RpcConnection.ConnectAsync("memory://" + Guid.NewGuid(), cancel);
        var options = new RpcServerOptions { Queue = "shared" };
        RpcServer first = await connection.ServeAsync<ISharing>(new Service(), options, cancel);
        await using RpcServer second = await connection.ServeAsync<ISharing>(new Service(), options, cancel); // they share the calls

        InvalidOperationException e = await Assert.ThrowsAsync<InvalidOperationException>(() => connection.ServeAsync<IOther>(new Service(), options, cancel));

        Assert.All(["'shared'", nameof(ISharing), nameof(IOther), "RpcGen.Tests)"], part => Assert.Contains(part, e.Message, StringComparison.Ordinal));
        await first.DisposeAsync();
        await second.DisposeAsync();
        await using RpcServer other = await connection.ServeAsync<IOther>(new Service(), options, cancel); // nobody serves it any more
    }

    private sealed class Service : ISharing, IOther
    {
        public Task DoAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;
    }
}

[AmqpRpc]
public partial interface ISharing
{
    Task DoAsync(CancellationToken cancellationToken = default);
}

[AmqpRpc]
public partial interface IOther
{
    Task DoAsync(CancellationToken cancellationToken = default);
}
