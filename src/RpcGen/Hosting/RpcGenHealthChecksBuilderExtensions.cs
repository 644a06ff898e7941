using Microsoft.Extensions.Diagnostics.HealthChecks;
using RpcGen.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds checks of RpcGen's health.</summary>
public static class RpcGenHealthChecksBuilderExtensions
{
    /// <summary>
    /// Checks the broker of <c>AddRpcGen</c>: that it is connected, for calls and for serving, and that every service takes requests.
    /// Degraded while the broker blocks publishers. It looks at what is known and sends nothing.
    /// </summary>
    /// <param name="builder">The application's health checks.</param>
    /// <param name="name">The check's name.</param>
    /// <param name="failureStatus">What a failure means; <see cref="HealthStatus.Unhealthy"/> unless given.</param>
    /// <param name="tags">Tags to choose checks by.</param>
    /// <returns>The same builder.</returns>
    public static IHealthChecksBuilder AddRpcGen(this IHealthChecksBuilder builder, string name = "rpcgen", HealthStatus? failureStatus = null, IEnumerable<string>? tags = null) =>
        Add(builder, key: null, name, failureStatus, tags);

    /// <summary>Checks the broker of <c>AddKeyedRpcGen</c>: see <see cref="AddRpcGen"/>.</summary>
    /// <param name="builder">The application's health checks.</param>
    /// <param name="serviceKey">The broker's name.</param>
    /// <param name="name">The check's name; <c>rpcgen-</c> and the broker's unless given.</param>
    /// <param name="failureStatus">What a failure means; <see cref="HealthStatus.Unhealthy"/> unless given.</param>
    /// <param name="tags">Tags to choose checks by.</param>
    /// <returns>The same builder.</returns>
    public static IHealthChecksBuilder AddKeyedRpcGen(this IHealthChecksBuilder builder, string serviceKey, string? name = null, HealthStatus? failureStatus = null, IEnumerable<string>? tags = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(serviceKey);
        return Add(builder, serviceKey, name ?? $"rpcgen-{serviceKey}", failureStatus, tags);
    }

    private static IHealthChecksBuilder Add(IHealthChecksBuilder builder, string? key, string name, HealthStatus? failureStatus, IEnumerable<string>? tags)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(name, services => new BrokerHealthCheck(Broker.Find(services, key)), failureStatus, tags));
    }
}
