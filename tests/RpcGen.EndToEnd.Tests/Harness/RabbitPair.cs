namespace RpcGen.EndToEnd.Tests.Harness;

/// <summary>A cluster of two nodes. Each test class has its own, and can break it.</summary>
public sealed class RabbitPair : IAsyncLifetime
{
    /// <summary>The node that stays.</summary>
    public PrivateRabbit First { get; } = new();

    /// <summary>The node that tests break.</summary>
    public RabbitNode Second { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await First.InitializeAsync();
        Second = new JoinedRabbit(First.Folder);
        await Second.InitializeAsync();
        await Wait.UntilAsync(async () => (await First.EvalAsync("length(rabbit_nodes:all_running()).")).Contains('2', StringComparison.Ordinal), "both nodes run");
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Second.DisposeAsync();
        }
        finally
        {
            await First.DisposeAsync();
        }
    }

    private sealed class JoinedRabbit(string first) : RabbitNode
    {
        protected override IEnumerable<string> StartArguments => ["--beside", first, "--rabbit", "{cluster_nodes, {[rpcgen@localhost], disc}}"];

        /// <inheritdoc/>
        /// <remarks>A test that failed can have left it killed.</remarks>
        protected override Task EndAsync() => StopAsync();
    }
}
