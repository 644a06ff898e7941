using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace RpcGen.Hosting;

/// <summary>Checks whether calls can be sent and services take requests, as far as is known. Sends nothing.</summary>
internal sealed class BrokerHealthCheck(Broker broker) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        RpcConnection connection = broker.Connection;
        IReadOnlyList<HostedServer> servers = broker.Hosted.Servers;
        Dictionary<string, object> data = servers.ToDictionary(server => server.Queue, server => (object)(server.NotServedReason ?? "served"), StringComparer.Ordinal);
        data["broker"] = connection.Address;

        string[] failures = [.. FindFailures(connection, servers)];
        return Task.FromResult(
            failures.Length > 0 ? new HealthCheckResult(context.Registration.FailureStatus, string.Join(' ', failures), data: data)
            : connection.BlockedReason is { } reason ? HealthCheckResult.Degraded($"{connection.Address} blocks publishers: {reason}.", data: data)
            : FindDegraded(servers) is { } degraded ? HealthCheckResult.Degraded(degraded, data: data)
            : HealthCheckResult.Healthy($"{connection.Address} is connected.", data));
    }

    private static string? FindDegraded(IEnumerable<HostedServer> servers) => servers
        .Where(server => server.DegradedReason is not null)
        .Select(server => $"{server.Name} on queue '{server.Queue}': {server.DegradedReason}")
        .FirstOrDefault();

    private IEnumerable<string> FindFailures(RpcConnection connection, IReadOnlyList<HostedServer> servers)
    {
        string? notConnected = connection.UnavailableReason;
        if (notConnected is not null)
        {
            yield return $"There is no connection to {connection.Address}: {notConnected}.";
        }

        foreach (HostedServer server in servers)
        {
            if (server.NotServedReason is { } reason && reason != notConnected)
            {
                yield return $"{server.Name} is not served on queue '{server.Queue}': {reason}.";
            }
        }

        if (servers.Count < broker.Registration.Services.Count)
        {
            yield return "The host has not started to serve.";
        }
    }
}
