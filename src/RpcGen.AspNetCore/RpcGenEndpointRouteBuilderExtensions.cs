using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using RpcGen.AspNetCore.Documents;
using RpcGen.AspNetCore.Explorer;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Adds endpoints about RpcGen's services.</summary>
public static class RpcGenEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Serves an AsyncAPI 3 document of the services that the application serves, on all its brokers. It names queues, methods and types, but no host,
    /// process or user. In the environment Development everyone gets it. In all others, the endpoint answers 404 unless it has
    /// <c>RequireAuthorization()</c> or <c>AllowAnonymous()</c>. Services that are in the bare style, or whose
    /// <see cref="RpcGen.RpcServerOptions.DescriptionPolicy"/> refuses the application itself, are left out.
    /// </summary>
    /// <remarks>Each request asks the services. While one of them is not available, the endpoint answers 503.</remarks>
    /// <param name="endpoints">The application.</param>
    /// <param name="pattern">The path.</param>
    /// <returns>The endpoint, for example to require authorization.</returns>
    public static IEndpointConventionBuilder MapRpcGenAsyncApi(this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string pattern = "/asyncapi.json")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(pattern);
        return endpoints.MapGet(pattern, new AsyncApiEndpoint().HandleAsync).WithDisplayName("RpcGen AsyncAPI");
    }

    /// <summary>
    /// Serves the explorer: a page that shows the services of the virtual host, calls their methods and shows what their instances do. It does so
    /// with the application's connection, so everyone who can use the page can call what the application's broker user can call. In the environment
    /// Development it is open to everyone who reaches it as localhost or by an address. In all others it answers 404 unless the endpoint has
    /// <c>RequireAuthorization()</c>; <c>AllowAnonymous()</c> does not open it.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="pattern">The path.</param>
    /// <param name="configure">Sets the options. Default: none.</param>
    /// <returns>The endpoint, for example to require authorization.</returns>
    public static IEndpointConventionBuilder MapRpcGenExplorer(this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string pattern = "/rpcgen", Action<RpcExplorerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(pattern);
        var options = new RpcExplorerOptions();
        configure?.Invoke(options);
        RequestDelegate handler = new ExplorerEndpoint(options).HandleAsync;
        return endpoints.Map($"{pattern.TrimEnd('/')}/{{**{ExplorerEndpoint.PathValue}}}", handler).WithDisplayName("RpcGen explorer");
    }
}
