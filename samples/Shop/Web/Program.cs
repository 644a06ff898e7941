using RpcGen;
using Shop;

// The web API: orders come in by HTTP, and go on to the services by the broker.
WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.Services.AddHttpContextAccessor();
builder.Services.AddShopTelemetry("web");
builder.Services.AddRpcGen("rabbitmq")
    .AddClientInterceptor<SendTenant>()
    .AddClient<IInventory>();
builder.Services.AddHealthChecks().AddRpcGen();

WebApplication app = builder.Build();
app.MapOrders();
await app.RunAsync();
