using System.Security.Cryptography;
using RpcGen;
using RpcGen.Samples;
using Shop;

// The whole shop in one process, on a broker in memory, with the same contracts, serialization, deadlines and failures.
WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
var tokens = new Tokens(RandomNumberGenerator.GetBytes(32));
builder.Services.AddHttpContextAccessor();
builder.Services.AddShopTelemetry("shop");
builder.Services.AddRpcGenProblemDetails();
builder.Services.AddRpcGen(builder.Configuration.GetConnectionString("rabbitmq") is null ? "memory://shop" : "rabbitmq")
    .AddClientInterceptor<SendTenant>()
    .AddServerInterceptor<RequireTenant>()
    .AddPricing()
    .AddInventory(tokens)
    .AddClient<IInventory>().ForwardBearerToken();
builder.Services.AddHealthChecks().AddRpcGen();

WebApplication app = builder.Build();
app.MapOrders();
app.MapStock(tokens);
app.MapRpcGenAsyncApi();
app.MapRpcGenExplorer(); // both in the environment Development alone
return await app.RunOrExplainAsync();
