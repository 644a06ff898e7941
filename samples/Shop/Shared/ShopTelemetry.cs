using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using RpcGen;

namespace Shop;

/// <summary>Prints traces to the console.</summary>
internal static class ShopTelemetry
{
    public static void AddShopTelemetry(this IServiceCollection services, string service) => services.AddOpenTelemetry()
        .ConfigureResource(resource => resource.AddService(service))
        .WithTracing(tracing => tracing
            .AddSource(RpcTelemetry.Name, "Microsoft.AspNetCore")
            .AddConsoleExporter());
}
