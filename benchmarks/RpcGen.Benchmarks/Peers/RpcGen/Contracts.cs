using RpcGen.Benchmarks.Workloads;

namespace RpcGen.Benchmarks.Peers.RpcGen;

/// <summary>Product defaults: at least once, acknowledged after the reply.</summary>
[AmqpRpc("calc")]
public partial interface ICalculator
{
    /// <summary>Adds.</summary>
    ValueTask<int> AddAsync(int a, int b, CancellationToken cancellationToken = default);

    /// <summary>Returns the document.</summary>
    ValueTask<Document> EchoAsync(Document document, CancellationToken cancellationToken = default);
}

/// <summary>Acknowledged before it runs.</summary>
[AmqpRpc("once")]
[RpcAtMostOnce]
public partial interface IAtMostOnceCalculator
{
    /// <inheritdoc cref="ICalculator.AddAsync"/>
    ValueTask<int> AddAsync(int a, int b, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="ICalculator.EchoAsync"/>
    ValueTask<Document> EchoAsync(Document document, CancellationToken cancellationToken = default);
}

/// <summary>Batched.</summary>
[AmqpRpc("idem")]
[RpcIdempotent]
public partial interface IIdempotentCalculator
{
    /// <inheritdoc cref="ICalculator.AddAsync"/>
    ValueTask<int> AddAsync(int a, int b, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="ICalculator.EchoAsync"/>
    ValueTask<Document> EchoAsync(Document document, CancellationToken cancellationToken = default);
}

/// <summary>Implements all contracts.</summary>
internal sealed class CalculatorService : ICalculator, IAtMostOnceCalculator, IIdempotentCalculator
{
    public ValueTask<int> AddAsync(int a, int b, CancellationToken cancellationToken) => new(a + b);

    public ValueTask<Document> EchoAsync(Document document, CancellationToken cancellationToken) => new(document);
}
