using System.ComponentModel.DataAnnotations;

namespace RpcGen.Samples.Fibonacci;

#region contract
/// <summary>Fibonacci numbers, computed elsewhere.</summary>
[AmqpRpc]
public partial interface IFibonacciService
{
    /// <summary>The n-th Fibonacci number.</summary>
    [RpcTimeout(5_000)]
    [RpcIdempotent]
    Task<long> FibonacciAsync([Range(0, 90)] int n, CancellationToken cancellationToken = default);
}
#endregion
