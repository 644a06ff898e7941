using RpcGen;

namespace Shop;

/// <summary>Computes prices.</summary>
internal sealed partial class PricingService(ILogger<PricingService> log) : IPricing
{
    public Task<int> QuoteAsync(string article, int quantity, CancellationToken cancellationToken)
    {
        // Remaining is limited by all callers: the call from the web API allowed two seconds.
        Quoting(quantity, article, RpcCallContext.Current!.Remaining.TotalMilliseconds);
        return Task.FromResult(quantity * (article == "nut" ? 25 : 40));
    }

    [LoggerMessage(1, LogLevel.Information, "Quoting {Quantity} × {Article}, {Remaining:0} ms left.")]
    private partial void Quoting(int quantity, string article, double remaining);
}
