using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace RpcGen.Hosting;

/// <summary>Whether calls can go out and services take requests, as far as is known.</summary>
internal sealed class BrokerHealthCheck(Broker broker) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        RpcConnection connection = broker.Connection;
        IReadOnlyList<HostedServer> servers = broker.Hosted.Servers;
        Dictionary<string, object> data = servers.ToDictionary(server => server.Queue, server => (object)(server.Trouble ?? "served"), StringComparer.Ordinal);
        data["broker"] = connection.Address;

        string[] troubles = [.. Troubles(connection, servers)];
        return Task.FromResult(
            troubles.Length > 0 ? new HealthCheckResult(context.Registration.FailureStatus, string.Join(' ', troubles), data: data)
            : connection.BlockedReason is { } reason ? HealthCheckResult.Degraded($"{connection.Address} blocks publishers: {reason}.", data: data)
            : HealthCheckResult.Healthy($"{connection.Address} is connected.", data));
    }

    private IEnumerable<string> Troubles(RpcConnection connection, IReadOnlyList<HostedServer> servers)
    {
        string? trouble = connection.Trouble;
        if (trouble is not null)
        {
            yield return $"There is no connection to {connection.Address}: {trouble}.";
        }

        foreach (HostedServer server in servers)
        {
            if (server.Trouble is { } reason && reason != trouble)
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
