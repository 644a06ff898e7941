using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace RpcGen.Tests.Limits;

/// <summary>Arguments and results that a peer can make large.</summary>
[AmqpRpc]
public partial interface IBounded
{
    [RpcFault<TooManyException>("too-many")]
    Task<int> StoreAsync(Stock stock, CancellationToken cancellationToken = default);

    Task<HashSet<long>> ListAsync(CancellationToken cancellationToken = default);

    Task<int> CodeAsync([RegularExpression("(a+)+b", MatchTimeoutInMilliseconds = 1)] string code, CancellationToken cancellationToken = default);

    Task<int> CodesAsync(Code[] codes, CancellationToken cancellationToken = default);
}

public sealed record Stock
{
    public Dictionary<string, List<Article>>? Shelves { get; init; }

    public HashSet<long>? Numbers { get; init; }

    public List<HashSet<long>>? Groups { get; init; }

    public Dictionary<Guid, Article?>? ById { get; init; }

    public List<long>? List { get; init; }

    public HashSet<string>? Names { get; init; }

    public ImmutableDictionary<int, int>? Immutable { get; init; }

    public SortedList<string, int>? Sorted { get; init; }

    public SortedSet<long>? Tree { get; init; }

    public Thing? Thing { get; init; }

    public Stock? Inner { get; init; }

    [JsonExtensionData]
    public Dictionary<string, object>? Others { get; init; }
}

public sealed record Article([property: Range(1, 9)] int Size);

[JsonDerivedType(typeof(Bag), "bag")]
[JsonDerivedType(typeof(Row), "row")]
public abstract record Thing;

public sealed record Bag(HashSet<int> Items) : Thing;

public sealed record Row(List<int> Items) : Thing;

public sealed record Code([property: RegularExpression("(a+)+b", MatchTimeoutInMilliseconds = 1)] string Text);

public sealed class TooManyException(string message, HashSet<long> numbers) : Exception(message)
{
    public HashSet<long> Numbers { get; } = numbers;
}
