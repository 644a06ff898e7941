using System.Text.Json;

namespace RpcGen.EndToEnd.Tests.Recipes;

#region contract
[AmqpRpc]
public partial interface ICatalogue
{
    Task<int> ImportAsync(Stream articles, CancellationToken cancellationToken = default);
}
#endregion

public sealed record Article(int Number, string Name);

public interface IArticleStore
{
    Task AddAsync(Article article, CancellationToken cancellationToken);
}

public sealed class Catalogue(IArticleStore store) : ICatalogue
{
    #region service
    public async Task<int> ImportAsync(Stream articles, CancellationToken cancellationToken)
    {
        int count = 0;
        await foreach (Article? article in JsonSerializer.DeserializeAsyncEnumerable<Article>(articles, JsonSerializerOptions.Web, cancellationToken))
        {
            await store.AddAsync(article!, cancellationToken);
            count++;
        }

        return count;
    }
    #endregion
}

internal static class CatalogueClient
{
    public static async Task<int> ImportAsync(ICatalogue catalogue, string path, CancellationToken cancellationToken)
    {
        #region call
        await using FileStream document = File.OpenRead(path);
        int imported = await catalogue.ImportAsync(document, cancellationToken);
        #endregion
        return imported;
    }
}
