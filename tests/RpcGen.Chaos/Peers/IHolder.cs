using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace RpcGen.Chaos.Peers;

/// <summary>Calls and streams that last until they are released by name.</summary>
[AmqpRpc]
public partial interface IHolder
{
    [RpcLongRunning, RpcTimeout(600_000)]
    Task<string> WaitAsync(string name, CancellationToken cancellationToken = default);

    [RpcLongRunning, RpcIdempotent, RpcTimeout(600_000)]
    Task<string> WaitIdempotentlyAsync(string name, CancellationToken cancellationToken = default);

    [RpcLongRunning, RpcAtMostOnce, RpcTimeout(600_000)]
    Task<string> WaitOnceAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>0, and the next number after the release.</summary>
    [RpcTimeout(600_000)]
    IAsyncEnumerable<int> CountAsync(string name, CancellationToken cancellationToken = default);

    [RpcTimeout(600_000)]
    Task<int> SumAsync(string name, IAsyncEnumerable<int> numbers, CancellationToken cancellationToken = default);

    /// <summary>Releases everything of a name.</summary>
    [RpcIdempotent, RpcTimeout(60_000)]
    Task ReleaseAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>How many handlers of a name have started, and how many were cancelled.</summary>
    [RpcIdempotent, RpcTimeout(60_000)]
    Task<HolderCounts> GetCountsAsync(string name, CancellationToken cancellationToken = default);
}

/// <summary>What has become of the handlers of a name.</summary>
/// <param name="Started">How many have started.</param>
/// <param name="Cancelled">How many have ended because their token fired.</param>
public sealed record HolderCounts(int Started, int Cancelled);

/// <summary>Holds them. Thread-safe.</summary>
/// <param name="owner">The answer of calls: who has run them.</param>
public sealed class Holder(string owner) : IHolder
{
    private readonly ConcurrentDictionary<string, Held> _held = new(StringComparer.Ordinal);

    public Task<string> WaitAsync(string name, CancellationToken cancellationToken) => HoldAsync(name, cancellationToken);

    public Task<string> WaitIdempotentlyAsync(string name, CancellationToken cancellationToken) => HoldAsync(name, cancellationToken);

    public Task<string> WaitOnceAsync(string name, CancellationToken cancellationToken) => HoldAsync(name, cancellationToken);

    public async IAsyncEnumerable<int> CountAsync(string name, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return 0;
        await HoldAsync(name, cancellationToken);
        yield return 1;
    }

    public async Task<int> SumAsync(string name, IAsyncEnumerable<int> numbers, CancellationToken cancellationToken)
    {
        int sum = 0;
        await HoldAsync(name, cancellationToken);
        await foreach (int number in numbers.WithCancellation(cancellationToken))
        {
            sum += number;
        }

        return sum;
    }

    public Task ReleaseAsync(string name, CancellationToken cancellationToken)
    {
        Find(name).Release.TrySetResult();
        return Task.CompletedTask;
    }

    public Task<HolderCounts> GetCountsAsync(string name, CancellationToken cancellationToken) => Task.FromResult(Counts(name));

    /// <inheritdoc cref="GetCountsAsync"/>
    public HolderCounts Counts(string name) => new(Volatile.Read(ref Find(name).Started), Volatile.Read(ref Find(name).Cancelled));

    private async Task<string> HoldAsync(string name, CancellationToken cancellationToken)
    {
        Held held = Find(name);
        Interlocked.Increment(ref held.Started);
        try
        {
            await held.Release.Task.WaitAsync(cancellationToken);
            return owner;
        }
        catch (OperationCanceledException)
        {
            Interlocked.Increment(ref held.Cancelled);
            throw;
        }
    }

    private Held Find(string name) => _held.GetOrAdd(name, static _ => new Held());

    private sealed class Held
    {
        public readonly TaskCompletionSource Release = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public int Started;
        public int Cancelled;
    }
}
