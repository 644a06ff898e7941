using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RpcGen.AspNetCore.Documents;
using RpcGen.Explorer;

namespace RpcGen.AspNetCore.Explorer;

/// <summary>
/// The explorer in a web application. It can call everything that the application's broker user can call, so outside of the environment Development
/// it answers 404 unless the endpoint requires authorization. Thread-safe.
/// </summary>
internal sealed class ExplorerEndpoint
{
    /// <summary>The rest of the path, as a route value.</summary>
    public const string PathValue = "path";

    private readonly ExplorerServer _server;
    private readonly string? _serviceKey;
    private bool _saidClosed;

    public ExplorerEndpoint(RpcExplorerOptions options)
    {
        _serviceKey = options.ServiceKey;
        _server = new ExplorerServer(new ExplorerSettings { IsReadOnly = options.ReadOnly, Queues = options.Queues.ToHashSet(StringComparer.Ordinal) });
    }

    /// <summary>Answers a request.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        IServiceProvider services = context.RequestServices;
        bool isAuthorized = RequiresAuthorization(context.GetEndpoint());
        if (!isAuthorized && !services.GetRequiredService<IHostEnvironment>().IsDevelopment())
        {
            SayClosed(services);
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        string? path = context.GetRouteValue(PathValue) as string ?? (context.Request.Path.Value?.EndsWith('/') == true ? "" : null);
        await _server.HandleAsync(context, path, isAuthorized, () => GetConnection(services)).ConfigureAwait(false);
    }

    private RpcConnection GetConnection(IServiceProvider services) =>
        _serviceKey is null ? services.GetRequiredService<RpcConnection>() : services.GetRequiredKeyedService<RpcConnection>(_serviceKey);

    private static bool RequiresAuthorization(Endpoint? endpoint) =>
        endpoint?.Metadata is { } metadata && metadata.GetMetadata<IAllowAnonymous>() is null && (metadata.GetMetadata<IAuthorizeData>() is not null || metadata.GetMetadata<AuthorizationPolicy>() is not null);

    private void SayClosed(IServiceProvider services)
    {
        if (!Interlocked.Exchange(ref _saidClosed, true) && services.GetService<ILoggerFactory>() is { } log)
        {
            AspNetCoreLog.ExplorerClosed(log.CreateLogger("RpcGen.AspNetCore"));
        }
    }
}
