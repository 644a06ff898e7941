using RpcGen;
using RpcGen.Samples;
using Shop;

// The web API: takes orders over HTTP, and calls the services over RabbitMQ.
WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.Services.AddHttpContextAccessor();
builder.Services.AddShopTelemetry("web");
builder.Services.AddRpcGenProblemDetails();
builder.Services.AddRpcGen("rabbitmq")
    .AddClientInterceptor<SendTenant>()
    .AddClient<IInventory>().ForwardBearerToken();
builder.Services.AddHealthChecks().AddRpcGen();

WebApplication app = builder.Build();
app.MapOrders();
app.MapStock(Tokens.Read(app.Configuration));
return await app.RunOrExplainAsync();
