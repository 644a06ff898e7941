using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace RpcGen.Hosting;

/// <summary>Checks whether a server of a contract answers a ping through the broker.</summary>
internal sealed class PingHealthCheck(Broker broker, Type contract, TimeSpan timeout) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        string queue = broker.FindQueue(contract);
        using var timer = new CancellationTokenSource(timeout, broker.Time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            RpcPing ping = await broker.Connection.PingAsync(queue, ending.Token).ConfigureAwait(false);
            return HealthCheckResult.Healthy(
                $"A server of queue '{queue}' answered.",
                new Dictionary<string, object>(StringComparer.Ordinal) { ["roundTrip"] = ping.RoundTrip, ["instance"] = ping.Service.Instance });
        }
        catch (RpcException e)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, e.Message, e);
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            string notConnected = broker.Connection.UnavailableReason is { } reason ? $" There is no connection: {reason}." : "";
            return new HealthCheckResult(
                context.Registration.FailureStatus,
                string.Create(CultureInfo.InvariantCulture, $"No server of queue '{queue}' answered within {timeout.TotalSeconds:0.###} s.{notConnected}"));
        }
    }
}
