using System.ComponentModel.DataAnnotations;
using RpcGen;

namespace Shop;

/// <summary>The stock of articles.</summary>
[AmqpRpc]
public partial interface IInventory
{
    /// <summary>Takes articles out of stock for an order, and returns their price.</summary>
    /// <exception cref="OutOfStockException">The stock is too low.</exception>
    [RpcTimeout(10_000)]
    [RpcFault<OutOfStockException>("out-of-stock")]
    Task<Reservation> ReserveAsync([Required] string article, [Range(1, 1000)] int quantity, CancellationToken cancellationToken = default);

    /// <summary>A live feed: the stock of each article, then every change, until the caller or the service ends.</summary>
    IAsyncEnumerable<StockLevel> WatchAsync(CancellationToken cancellationToken = default);

    /// <summary>Counts the stock, which clerks can have done. Each value of the progress gives the call another ten seconds.</summary>
    [RpcAuthorize("clerk")]
    [RpcTimeout(10_000)]
    Task<Stocktaking> CountAsync(IProgress<int>? percent = null, CancellationToken cancellationToken = default);
}

/// <summary>Articles that are reserved for an order.</summary>
/// <param name="Article">The article.</param>
/// <param name="Quantity">The number of articles.</param>
/// <param name="Price">Their total price in cents.</param>
public sealed record Reservation(string Article, int Quantity, int Price);

/// <summary>How many of an article are in stock.</summary>
/// <param name="Article">The article.</param>
/// <param name="Left">The number of articles.</param>
public sealed record StockLevel(string Article, int Left);

/// <summary>What a count of the stock has found.</summary>
/// <param name="Clerk">Who had it counted.</param>
/// <param name="Levels">The number of each article.</param>
public sealed record Stocktaking(string Clerk, IReadOnlyList<StockLevel> Levels);

/// <summary>The stock is lower than the requested quantity.</summary>
/// <param name="message">The reason.</param>
/// <param name="article">The article.</param>
/// <param name="left">The number of articles in stock.</param>
public sealed class OutOfStockException(string message, string article, int left) : Exception(message)
{
    /// <summary>The article.</summary>
    public string Article { get; } = article;

    /// <summary>The number of articles in stock.</summary>
    public int Left { get; } = left;
}
