using Microsoft.Extensions.Diagnostics.HealthChecks;
using RpcGen;
using RpcGen.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds health checks of brokers and services.</summary>
public static class RpcGenHealthChecksBuilderExtensions
{
    private static readonly TimeSpan DefaultPingTimeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Checks that a broker is connected, for calls and for serving, and that every service takes requests. Degraded while the
    /// broker blocks publishers. The check uses what is known and sends nothing.
    /// </summary>
    /// <param name="builder">The application's health checks.</param>
    /// <param name="serviceKey">The broker's key in <c>AddKeyedRpcGen</c>. Default: null, the broker of <c>AddRpcGen</c>.</param>
    /// <param name="name">The check's name. Default: <c>rpcgen</c>; with a key: <c>rpcgen-key</c>.</param>
    /// <param name="failureStatus">The status of a failure. Default: <see cref="HealthStatus.Unhealthy"/>.</param>
    /// <param name="tags">Tags to select checks by. Default: none.</param>
    /// <param name="timeout">The time limit that the health check service sets. Default: none, because the check waits for nothing.</param>
    /// <returns>The same builder.</returns>
    public static IHealthChecksBuilder AddRpcGen(
        this IHealthChecksBuilder builder, string? serviceKey = null, string? name = null, HealthStatus? failureStatus = null, IEnumerable<string>? tags = null, TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ThrowIfEmpty(serviceKey);
        return builder.Add(new HealthCheckRegistration(
            name ?? GetName(serviceKey), services => new BrokerHealthCheck(Broker.Find(services, serviceKey)), failureStatus, tags, timeout));
    }

    /// <summary>
    /// Checks that a server of a contract answers a ping through the broker: for applications that depend on that service. The
    /// queue is that of the application's client of the contract, otherwise that of its service.
    /// </summary>
    /// <typeparam name="T">The contract.</typeparam>
    /// <param name="builder">The application's health checks.</param>
    /// <param name="serviceKey">The broker's key in <c>AddKeyedRpcGen</c>. Default: null, the broker of <c>AddRpcGen</c>.</param>
    /// <param name="name">The check's name. Default: <c>rpcgen-service-IContract</c>; with a key: <c>rpcgen-key-service-IContract</c>.</param>
    /// <param name="failureStatus">The status of a failure. Default: <see cref="HealthStatus.Unhealthy"/>.</param>
    /// <param name="tags">Tags to select checks by. Default: none.</param>
    /// <param name="timeout">The time limit of the answer. Default: 5 seconds.</param>
    /// <returns>The same builder.</returns>
    public static IHealthChecksBuilder AddRpcGenService<T>(
        this IHealthChecksBuilder builder, string? serviceKey = null, string? name = null, HealthStatus? failureStatus = null, IEnumerable<string>? tags = null, TimeSpan? timeout = null)
        where T : class, IRpcContract<T>
    {
        ArgumentNullException.ThrowIfNull(builder);
        ThrowIfEmpty(serviceKey);
        TimeSpan limit = timeout ?? DefaultPingTimeout;
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(limit, TimeSpan.Zero, nameof(timeout));

        // The check applies the limit itself: it then knows the queue, and why nothing came.
        return builder.Add(new HealthCheckRegistration(
            name ?? $"{GetName(serviceKey)}-service-{typeof(T).Name}", services => new PingHealthCheck(Broker.Find(services, serviceKey), typeof(T), limit), failureStatus, tags));
    }

    private static string GetName(string? serviceKey) => serviceKey is null ? "rpcgen" : $"rpcgen-{serviceKey}";

    private static void ThrowIfEmpty(string? serviceKey)
    {
        if (serviceKey is not null)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(serviceKey);
        }
    }
}
