using RpcGen.Hosting;

namespace Shop;

/// <summary>Registers the pricing service.</summary>
internal static class PricingModule
{
    public static RpcGenBuilder AddPricing(this RpcGenBuilder rpc) => rpc.AddService<IPricing, PricingService>();
}
