using System.ComponentModel.DataAnnotations;

namespace RpcGen.EndToEnd.Contracts;

/// <summary>A contract that contracts of other assemblies have as a base.</summary>
[AmqpRpc]
[RpcFault<NoSuchArticleException>("no-such-article")]
public partial interface ICatalogue
{
    /// <summary>Finds an article.</summary>
    [RpcTimeout(20_000)]
    Task<Article> FindAsync([Required] string id, bool exact = true, CancellationToken cancellationToken = default);
}

/// <summary>A base that is no contract, for any keys and items.</summary>
public interface IStore<in TKey, TItem>
    where TKey : notnull
{
    /// <summary>Keeps an item; gives the one that it replaces.</summary>
    Task<TItem?> PutAsync(TKey key, TItem item, IReadOnlyDictionary<string, TItem>? more = null, CancellationToken cancellationToken = default);
}

/// <summary>What a catalogue has.</summary>
public sealed record Article(string Id, [property: Range(0, 1000)] decimal Price);

/// <summary>Says which article there is none of.</summary>
public sealed class NoSuchArticleException(string message, string id) : Exception(message)
{
    /// <summary>The article's id.</summary>
    public string Id { get; } = id;
}
