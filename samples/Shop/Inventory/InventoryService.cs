namespace Shop;

/// <summary>Takes articles out of stock, and asks the pricing service for their price.</summary>
internal sealed class InventoryService(Stock stock, IPricing pricing) : IInventory
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
}
