using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RpcGen.Documents;
using RpcGen.Hosting;

namespace RpcGen.AspNetCore.Documents;

/// <summary>Answers requests for the AsyncAPI document. Thread-safe.</summary>
internal sealed class AsyncApiEndpoint
{
    private const string ContentType = "application/json; charset=utf-8";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private bool _saidClosed;

    /// <summary>Answers a request.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        var environment = context.RequestServices.GetRequiredService<IHostEnvironment>();
        if (!environment.IsDevelopment() && !HasDecision(context.GetEndpoint()))
        {
            SayClosed(context.RequestServices);
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        if (await TryDescribeAsync(context).ConfigureAwait(false) is not { } services)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        JsonObject document = AsyncApiDocument.Create(services, services.Count == 1 ? null : environment.ApplicationName);
        context.Response.ContentType = ContentType;
        var writer = new Utf8JsonWriter(context.Response.BodyWriter, new JsonWriterOptions { Indented = true });
        await using (writer.ConfigureAwait(false))
        {
            document.WriteTo(writer);
        }
    }

    /// <summary>Whether the application has decided who can use the endpoint.</summary>
    private static bool HasDecision(Endpoint? endpoint) =>
        endpoint?.Metadata is { } metadata && (metadata.GetMetadata<IAuthorizeData>() is not null || metadata.GetMetadata<AuthorizationPolicy>() is not null || metadata.GetMetadata<IAllowAnonymous>() is not null);

    /// <summary>Describes the application's services in their order; null if one of them is not available.</summary>
    private static async Task<IReadOnlyList<RpcServiceDescription>?> TryDescribeAsync(HttpContext context)
    {
        HostedServer[] servers = [.. context.RequestServices.GetServices<IHostedService>().OfType<BrokerHostedService>().SelectMany(broker => broker.Servers)];
        using var late = new CancellationTokenSource(Limit, context.RequestServices.GetService<TimeProvider>() ?? TimeProvider.System);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, late.Token);
        try
        {
            RpcServiceDescription?[] services = await Task.WhenAll(servers.Select(server => DescribeAsync(server, ended.Token))).ConfigureAwait(false);
            return [.. services.OfType<RpcServiceDescription>()];
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException && !context.RequestAborted.IsCancellationRequested)
        {
            return null;
        }
    }

    private static async Task<RpcServiceDescription?> DescribeAsync(HostedServer server, CancellationToken cancellationToken)
    {
        try
        {
            return await server.DescribeAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is RpcAccessDeniedException or RpcProtocolException) // its policy refuses, or it is in the bare style
        {
            return null;
        }
    }

    private void SayClosed(IServiceProvider services)
    {
        if (!Interlocked.Exchange(ref _saidClosed, true) && services.GetService<ILoggerFactory>() is { } log)
        {
            AspNetCoreLog.DocumentClosed(log.CreateLogger("RpcGen.AspNetCore"));
        }
    }
}
