using RpcGen;
using Shop;

// The whole shop in one process, on a broker in memory, with the same contracts, serialization, deadlines and failures.
WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.Services.AddHttpContextAccessor();
builder.Services.AddShopTelemetry("shop");
builder.Services.AddRpcGen(builder.Configuration.GetConnectionString("rabbitmq") is null ? "memory://shop" : "rabbitmq")
    .AddClientInterceptor<SendTenant>()
    .AddServerInterceptor<RequireTenant>()
    .AddPricing()
    .AddInventory()
    .AddClient<IInventory>();
builder.Services.AddHealthChecks().AddRpcGen();

WebApplication app = builder.Build();
app.MapOrders();
await app.RunAsync();
