using RpcGen;

namespace Languages.Contracts;

/// <summary>A contract that other languages implement through its base class.</summary>
[AmqpRpc(GenerateBase = true)]
public partial interface ICalculator
{
    /// <summary>The sum.</summary>
    [RpcFault<TooLargeException>("too-large-sum")]
    Task<int> AddAsync(int a, int b, CancellationToken cancellationToken = default);

    /// <summary>The average; null without numbers.</summary>
    ValueTask<double?> AverageAsync(IReadOnlyList<double> numbers, CancellationToken cancellationToken = default);
}

/// <summary>The sum is too large.</summary>
public sealed class TooLargeException(string message, int limit) : Exception(message)
{
    /// <summary>The largest sum.</summary>
    public int Limit { get; } = limit;
}
