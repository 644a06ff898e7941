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

    public Choice? Choice { get; init; }

    public Numbered? Numbered { get; init; }

    public ISeries? Series { get; init; }

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

/// <summary>Its subtypes have a member of the same name and of different forms, of which the last one counts.</summary>
[JsonDerivedType(typeof(MapChoice), "map")]
[JsonDerivedType(typeof(NestedChoice), "nested")]
[JsonDerivedType(typeof(SetChoice), "set")]
public abstract record Choice;

public sealed record MapChoice(Dictionary<long, int> Values) : Choice;

public sealed record NestedChoice(Choice Values) : Choice;

public sealed record SetChoice(HashSet<long> Values) : Choice;

/// <summary>Its discriminators are a number and the text of that number.</summary>
[JsonDerivedType(typeof(FewNumbers), 1)]
[JsonDerivedType(typeof(ManyNumbers), "1")]
public abstract record Numbered;

public sealed record FewNumbers(HashSet<long> Values) : Numbered;

public sealed record ManyNumbers(List<long> Values) : Numbered;

/// <summary>A collection with subtypes: in JSON, an object with the type and the elements.</summary>
[JsonDerivedType(typeof(DistinctSeries), "distinct")]
[JsonDerivedType(typeof(PlainSeries), "plain")]
public interface ISeries : IEnumerable<long>;

public sealed class DistinctSeries : HashSet<long>, ISeries;

public sealed class PlainSeries : List<long>, ISeries;

public sealed record Code([property: RegularExpression("(a+)+b", MatchTimeoutInMilliseconds = 1)] string Text);

public sealed class TooManyException(string message, HashSet<long> numbers) : Exception(message)
{
    public HashSet<long> Numbers { get; } = numbers;
}
