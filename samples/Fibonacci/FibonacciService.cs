namespace RpcGen.Samples.Fibonacci;

#region service
/// <summary>Computes Fibonacci numbers by addition.</summary>
internal sealed class FibonacciService : IFibonacciService
{
    public Task<long> FibonacciAsync(int n, CancellationToken cancellationToken)
    {
        (long current, long next) = (0, 1);
        for (int i = 0; i < n; i++)
        {
            (current, next) = (next, current + next);
        }

        return Task.FromResult(current);
    }
}
#endregion
