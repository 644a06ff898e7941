namespace RpcGen.Samples.Tutorial;

/// <summary>Computes Fibonacci numbers by addition. The tutorial uses recursion.</summary>
internal sealed class Fibonacci : IFibonacci
{
    public Task<long> FibAsync(int n, CancellationToken cancellationToken)
    {
        (long current, long next) = (0, 1);
        for (int i = 0; i < n; i++)
        {
            (current, next) = (next, current + next);
        }

        return Task.FromResult(current);
    }
}
