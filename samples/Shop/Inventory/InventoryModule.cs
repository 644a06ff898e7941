using RpcGen.Hosting;

namespace Shop;

/// <summary>Registers the inventory service.</summary>
internal static class InventoryModule
{
    public static RpcGenBuilder AddInventory(this RpcGenBuilder rpc)
    {
        rpc.Services.AddSingleton<Stock>();
        return rpc.AddClient<IPricing>().AddService<IInventory, InventoryService>();
    }
}
