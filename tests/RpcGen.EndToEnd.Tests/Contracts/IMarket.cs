using RpcGen.EndToEnd.Contracts;

namespace RpcGen.EndToEnd.Tests.Contracts;

/// <summary>Has base interfaces from another assembly, a contract and a closed generic one, and a closed generic one from this assembly.</summary>
[AmqpRpc]
public partial interface IMarket : ICatalogue, IStore<int, Article>, ICounter<Season>
{
    Task<string> NameAsync(CancellationToken cancellationToken = default);
}

public interface ICounter<TWhat>
    where TWhat : struct
{
    ValueTask<Dictionary<TWhat, int>> CountAsync(TWhat[] what, TWhat? besides = null, CancellationToken cancellationToken = default);
}

public sealed class Market : IMarket
{
    private readonly Dictionary<int, Article> _articles = [];

    public Task<string> NameAsync(CancellationToken cancellationToken) => Task.FromResult("market");

    public Task<Article> FindAsync(string id, bool exact, CancellationToken cancellationToken) =>
        Task.FromResult(_articles.Values.FirstOrDefault(article => exact ? article.Id == id : article.Id.StartsWith(id, StringComparison.Ordinal))
            ?? throw new NoSuchArticleException($"There is no '{id}'.", id));

    public Task<Article?> PutAsync(int key, Article item, IReadOnlyDictionary<string, Article>? more, CancellationToken cancellationToken)
    {
        Article? before = _articles.GetValueOrDefault(key);
        _articles[key] = item;
        return Task.FromResult(before);
    }

    public ValueTask<Dictionary<Season, int>> CountAsync(Season[] what, Season? besides, CancellationToken cancellationToken) =>
        new(what.Append(besides ?? Season.Spring).CountBy(season => season).ToDictionary());
}
