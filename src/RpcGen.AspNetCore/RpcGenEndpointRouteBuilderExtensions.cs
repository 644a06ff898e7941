using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Routing;
using RpcGen.AspNetCore.Documents;

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
}
