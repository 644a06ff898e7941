using RpcGen.Hosting;

namespace Shop;

/// <summary>What the pricing service is made of.</summary>
internal static class PricingModule
{
    public static RpcGenBuilder AddPricing(this RpcGenBuilder rpc) => rpc.AddService<IPricing, PricingService>();
}
