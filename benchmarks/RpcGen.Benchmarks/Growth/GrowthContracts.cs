namespace RpcGen.Benchmarks.Growth;

/// <summary>The contract of the growth curves.</summary>
[AmqpRpc("growth")]
[RpcTimeout(300_000)]
public partial interface IGrowth
{
    /// <summary>Adds.</summary>
    ValueTask<int> AddAsync(int a, int b, CancellationToken cancellationToken = default);

    /// <summary>Returns the text.</summary>
    ValueTask<string> EchoAsync(string text, CancellationToken cancellationToken = default);

    /// <summary>Returns when it is released.</summary>
    ValueTask<int> HoldAsync(int number, CancellationToken cancellationToken = default);
}

/// <summary>Implements the contract.</summary>
internal sealed class GrowthService(Task release) : IGrowth
{
    public ValueTask<int> AddAsync(int a, int b, CancellationToken cancellationToken) => new(a + b);

    public ValueTask<string> EchoAsync(string text, CancellationToken cancellationToken) => new(text);

    public async ValueTask<int> HoldAsync(int number, CancellationToken cancellationToken)
    {
        await release.WaitAsync(cancellationToken);
        return number;
    }
}
