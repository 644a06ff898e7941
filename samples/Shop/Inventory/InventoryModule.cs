using RpcGen.Hosting;

namespace Shop;

/// <summary>Registers the inventory service.</summary>
internal static class InventoryModule
{
    public static RpcGenBuilder AddInventory(this RpcGenBuilder rpc, Tokens tokens)
    {
        rpc.Services.AddSingleton<Stock>();
        rpc.Services.AddOptions<InventoryOptions>().BindConfiguration("Inventory");
        rpc.Services.AddAuthorization(options => options.AddPolicy("clerk", policy => policy.RequireClaim("role", "clerk")));
        rpc.AddBearerAuthentication(options => options.Validate = (token, _) => tokens.VerifyAsync(token, Tokens.Inventory))
            .AddAspNetCoreAuthorization();

        // Without a pricing service, a call fails at once and is repeated, because it did not run.
        rpc.AddClient<IPricing>(options => options.FailFast = true)
            .AddStandardResilience(options => options.MaxRetryAttempts = 4);
        return rpc.AddService<IInventory, InventoryService>();
    }
}
