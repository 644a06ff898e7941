using System.ComponentModel.DataAnnotations;
using RpcGen;

namespace Shop;

/// <summary>The prices of articles.</summary>
[AmqpRpc]
[RpcIdempotent]
public partial interface IPricing
{
    /// <summary>Returns the price of a number of articles, in cents.</summary>
    [RpcTimeout(5_000)]
    Task<int> QuoteAsync([Required] string article, [Range(1, 1000)] int quantity, CancellationToken cancellationToken = default);
}
