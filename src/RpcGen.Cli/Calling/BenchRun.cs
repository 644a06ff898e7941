using System.Collections.Concurrent;

namespace RpcGen.Cli.Calling;

/// <summary>Makes many calls, some of them at a time.</summary>
/// <param name="call">Makes one call.</param>
/// <param name="calls">How many calls.</param>
/// <param name="callers">How many at a time.</param>
internal sealed class BenchRun(Func<CancellationToken, Task> call, int calls, int callers)
{
    private readonly ConcurrentDictionary<string, int> _failures = new(StringComparer.Ordinal);
    private readonly TimeSpan?[] _durations = new TimeSpan?[calls];
    private int _next = -1;

    /// <summary>Makes the calls. A call that fails is counted, and the run goes on.</summary>
    public async Task<BenchResult> RunAsync(CancellationToken cancellationToken)
    {
        long start = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(() => CallAsync(cancellationToken), cancellationToken))).ConfigureAwait(false);
        TimeSpan elapsed = TimeProvider.System.GetElapsedTime(start);
        return new BenchResult(elapsed, [.. _durations.OfType<TimeSpan>().Order()], _failures);
    }

    private async Task CallAsync(CancellationToken cancellationToken)
    {
        while (Interlocked.Increment(ref _next) is var number && number < calls)
        {
            long start = TimeProvider.System.GetTimestamp();
            try
            {
                await call(cancellationToken).ConfigureAwait(false);
                _durations[number] = TimeProvider.System.GetElapsedTime(start);
            }
            catch (RpcException e)
            {
                _failures.AddOrUpdate(e is RpcRemoteException remote ? remote.Code : e.GetType().Name, 1, static (_, count) => count + 1);
            }
        }
    }
}
