using Microsoft.Extensions.Diagnostics.HealthChecks;
using RpcGen;
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

    /// <summary>
    /// Checks that a server of a contract answers, by a round trip through the broker of <c>AddRpcGen</c>: what an application that
    /// calls it depends on. The queue is that of the application's client, or of its service.
    /// </summary>
    /// <typeparam name="T">The contract.</typeparam>
    /// <param name="builder">The application's health checks.</param>
    /// <param name="name">The check's name; <c>rpcgen-ping-</c> and the contract's unless given.</param>
    /// <param name="failureStatus">What a failure means; <see cref="HealthStatus.Unhealthy"/> unless given.</param>
    /// <param name="tags">Tags to choose checks by.</param>
    /// <param name="timeout">How long the answer may take; 5 seconds unless given.</param>
    /// <returns>The same builder.</returns>
    public static IHealthChecksBuilder AddRpcGenPing<T>(this IHealthChecksBuilder builder, string? name = null, HealthStatus? failureStatus = null, IEnumerable<string>? tags = null, TimeSpan? timeout = null)
        where T : class, IRpcContract<T> =>
        AddPing(builder, key: null, typeof(T), name ?? $"rpcgen-ping-{typeof(T).Name}", failureStatus, tags, timeout);

    /// <summary>Checks that a server of a contract answers on the broker of <c>AddKeyedRpcGen</c>: see <see cref="AddRpcGenPing"/>.</summary>
    /// <typeparam name="T">The contract.</typeparam>
    /// <param name="builder">The application's health checks.</param>
    /// <param name="serviceKey">The broker's name.</param>
    /// <param name="name">The check's name; <c>rpcgen-</c>, the broker's, <c>-ping-</c> and the contract's unless given.</param>
    /// <param name="failureStatus">What a failure means; <see cref="HealthStatus.Unhealthy"/> unless given.</param>
    /// <param name="tags">Tags to choose checks by.</param>
    /// <param name="timeout">How long the answer may take; 5 seconds unless given.</param>
    /// <returns>The same builder.</returns>
    public static IHealthChecksBuilder AddKeyedRpcGenPing<T>(this IHealthChecksBuilder builder, string serviceKey, string? name = null, HealthStatus? failureStatus = null, IEnumerable<string>? tags = null, TimeSpan? timeout = null)
        where T : class, IRpcContract<T>
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(serviceKey);
        return AddPing(builder, serviceKey, typeof(T), name ?? $"rpcgen-{serviceKey}-ping-{typeof(T).Name}", failureStatus, tags, timeout);
    }

    private static IHealthChecksBuilder AddPing(IHealthChecksBuilder builder, string? key, Type contract, string name, HealthStatus? failureStatus, IEnumerable<string>? tags, TimeSpan? timeout)
    {
        ArgumentNullException.ThrowIfNull(builder);
        TimeSpan limit = timeout ?? TimeSpan.FromSeconds(5);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(limit, TimeSpan.Zero, nameof(timeout));
        return builder.Add(new HealthCheckRegistration(name, services => new PingHealthCheck(Broker.Find(services, key), contract, limit), failureStatus, tags));
    }

    private static IHealthChecksBuilder Add(IHealthChecksBuilder builder, string? key, string name, HealthStatus? failureStatus, IEnumerable<string>? tags)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(name, services => new BrokerHealthCheck(Broker.Find(services, key)), failureStatus, tags));
    }
}
