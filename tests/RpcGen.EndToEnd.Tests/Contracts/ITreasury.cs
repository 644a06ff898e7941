using System.ComponentModel.DataAnnotations;

namespace RpcGen.EndToEnd.Tests.Contracts;

/// <summary>Arguments that are worth attacking: rules inside a dictionary, and sets of numbers.</summary>
[AmqpRpc]
[RpcBatching(true)]
public partial interface ITreasury
{
    Task<int> AddAsync(int a, int b, CancellationToken cancellationToken = default);

    Task<int> StoreAsync(Dictionary<string, List<Coin>> drawers, CancellationToken cancellationToken = default);

    Task<int> NumberAsync(HashSet<long> numbers, CancellationToken cancellationToken = default);

    Task<HashSet<long>> ListAsync(int count, CancellationToken cancellationToken = default);

    Task<int> NameAsync([RegularExpression("(a+)+b", MatchTimeoutInMilliseconds = 200)] string name, CancellationToken cancellationToken = default);

    /// <summary>Runs until it is cancelled.</summary>
    Task HoldAsync(CancellationToken cancellationToken = default);
}

public sealed record Coin([property: Range(1, 9)] int Value);

/// <summary>The expected implementation.</summary>
public sealed class Treasury : ITreasury
{
    public Task<int> AddAsync(int a, int b, CancellationToken cancellationToken) => Task.FromResult(a + b);

    public Task<int> StoreAsync(Dictionary<string, List<Coin>> drawers, CancellationToken cancellationToken) => Task.FromResult(drawers.Count);

    public Task<int> NumberAsync(HashSet<long> numbers, CancellationToken cancellationToken) => Task.FromResult(numbers.Count);

    public Task<HashSet<long>> ListAsync(int count, CancellationToken cancellationToken) => Task.FromResult(Enumerable.Range(0, count).Select(i => (long)i).ToHashSet());

    public Task<int> NameAsync(string name, CancellationToken cancellationToken) => Task.FromResult(name.Length);

    public Task HoldAsync(CancellationToken cancellationToken) => Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
}
