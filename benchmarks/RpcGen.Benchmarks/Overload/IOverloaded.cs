namespace RpcGen.Benchmarks.Overload;

/// <summary>The contract of the overload benchmark.</summary>
[AmqpRpc("overload")]
[RpcTimeout(2_000)]
public partial interface IOverloaded
{
    /// <summary>Works.</summary>
    Task WorkAsync(CancellationToken cancellationToken = default);
}

/// <summary>Implements the contract.</summary>
internal sealed class OverloadedService(TimeSpan work) : IOverloaded
{
    public Task WorkAsync(CancellationToken cancellationToken) => Task.Delay(work, cancellationToken);
}
