using System.ComponentModel.DataAnnotations;

namespace RpcGen.EndToEnd.Contracts;

/// <summary>A contract that is the base of contracts in other assemblies.</summary>
[AmqpRpc]
[RpcFault<NoSuchArticleException>("no-such-article")]
public partial interface ICatalogue
{
    /// <summary>Finds an article.</summary>
    [RpcTimeout(20_000)]
    Task<Article> FindAsync([Required] string id, bool exact = true, CancellationToken cancellationToken = default);
}

/// <summary>A generic base interface that is not a contract.</summary>
public interface IStore<in TKey, TItem>
    where TKey : notnull
{
    /// <summary>Stores an item, and returns the one that it replaces.</summary>
    Task<TItem?> PutAsync(TKey key, TItem item, IReadOnlyDictionary<string, TItem>? more = null, CancellationToken cancellationToken = default);
}

/// <summary>An article of a catalogue.</summary>
public sealed record Article(string Id, [property: Range(0, 1000)] decimal Price);

/// <summary>An article is unknown.</summary>
public sealed class NoSuchArticleException(string message, string id) : Exception(message)
{
    /// <summary>The article's id.</summary>
    public string Id { get; } = id;
}
