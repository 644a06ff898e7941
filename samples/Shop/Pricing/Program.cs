using RpcGen;
using RpcGen.Samples;
using Shop;

// A worker that serves one queue.
WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.WebHost.UseUrls("http://127.0.0.1:0"); // for health checks
builder.Services.AddHttpContextAccessor();
builder.Services.AddShopTelemetry("pricing");
builder.Services.AddRpcGen("rabbitmq")
    .AddClientInterceptor<SendTenant>()
    .AddServerInterceptor<RequireTenant>()
    .AddPricing();
builder.Services.AddHealthChecks().AddRpcGen();

WebApplication app = builder.Build();
app.MapHealthChecks("/health");
return await app.RunOrExplainAsync();
