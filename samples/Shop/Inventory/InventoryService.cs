using Microsoft.Extensions.Options;
using RpcGen;

namespace Shop;

/// <summary>Takes articles out of stock, and asks the pricing service for their price.</summary>
internal sealed class InventoryService(Stock stock, IPricing pricing, IOptions<InventoryOptions> options) : IInventory
{
    public async Task<Reservation> ReserveAsync(string article, int quantity, CancellationToken cancellationToken)
    {
        // A nested call: it is limited to the remaining time of its caller, and belongs to the same trace.
        int price = await pricing.QuoteAsync(article, quantity, cancellationToken);
        if (!stock.TryTake(article, quantity, out int left))
        {
            throw new OutOfStockException($"There are only {left} of '{article}'.", article, left);
        }

        return new Reservation(article, quantity, price);
    }

    #region feed
    public IAsyncEnumerable<StockLevel> WatchAsync(CancellationToken cancellationToken) =>
        stock.WatchAsync(cancellationToken).UntilStopped(RpcCallContext.Current!.Stopping);
    #endregion

    public async Task<Stocktaking> CountAsync(IProgress<int>? percent, CancellationToken cancellationToken)
    {
        // The principal of the token, which was verified before the policy of the method was checked.
        string clerk = RpcCallContext.Current!.User.Identity!.Name!;
        StockLevel[] levels = stock.GetLevels();
        for (int counted = 1; counted <= levels.Length; counted++)
        {
            await Task.Delay(options.Value.TimePerArticle, cancellationToken); // somebody counts them
            percent?.Report(counted * 100 / levels.Length);
        }

        return new Stocktaking(clerk, levels);
    }
}
