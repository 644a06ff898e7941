using System.ComponentModel.DataAnnotations;
using RpcGen;

namespace Shop;

/// <summary>Knows what is in stock.</summary>
[AmqpRpc]
public partial interface IInventory
{
    /// <summary>Takes articles out of stock for an order, and tells their price.</summary>
    /// <exception cref="OutOfStockException">There are not so many.</exception>
    [RpcTimeout(2_000)]
    [RpcFault<OutOfStockException>("out-of-stock")]
    Task<Reservation> ReserveAsync([Required] string article, [Range(1, 1000)] int quantity, CancellationToken cancellationToken = default);
}

/// <summary>Articles that are kept for an order.</summary>
/// <param name="Article">The article.</param>
/// <param name="Quantity">How many.</param>
/// <param name="Price">What they cost together, in cents.</param>
public sealed record Reservation(string Article, int Quantity, int Price);

/// <summary>There are not as many articles as were asked for.</summary>
/// <param name="message">Why.</param>
/// <param name="article">The article.</param>
/// <param name="left">How many there are.</param>
public sealed class OutOfStockException(string message, string article, int left) : Exception(message)
{
    /// <summary>The article.</summary>
    public string Article { get; } = article;

    /// <summary>How many there are.</summary>
    public int Left { get; } = left;
}
