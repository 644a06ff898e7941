using RpcGen.Hosting;

namespace Shop;

/// <summary>What the inventory service is made of.</summary>
internal static class InventoryModule
{
    public static RpcGenBuilder AddInventory(this RpcGenBuilder rpc)
    {
        rpc.Services.AddSingleton<Stock>();
        return rpc.AddClient<IPricing>().AddService<IInventory, InventoryService>();
    }
}
