using System.Globalization;
using Microsoft.Extensions.Logging;
using RpcGen.Diagnostics;

namespace RpcGen.Hosting;

/// <summary>Waits during the host's start: for the connection, and until the services are served.</summary>
internal sealed class BrokerStart(RpcConnection connection, IReadOnlyList<HostedServer> servers, RpcGenOptions options, BrokerRegistration registration, TimeProvider time, ILogger log)
{
    /// <summary>
    /// Waits until everything is ready, at most for <see cref="RpcGenOptions.StartTimeout"/>. If the broker is not required, the
    /// first failure to connect ends the wait too.
    /// </summary>
    /// <exception cref="RpcConnectionException">The broker is required and was not ready in time.</exception>
    /// <exception cref="RpcException">The broker is required and refused to have a service served.</exception>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(options.StartTimeout, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        Task ready = WhenReadyAsync(ending.Token);
        if (!options.RequireBroker)
        {
            await Task.WhenAny(ready, connection.FirstFailure).ConfigureAwait(false);
            await ending.CancelAsync().ConfigureAwait(false);
            await ready.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
            await ThrowIfFailedAsync().ConfigureAwait(false);
            if (FindReason() is { } reason)
            {
                Log.StartedWithoutBroker(log, connection.Address, reason);
            }

            return;
        }

        try
        {
            await ready.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            string seconds = options.StartTimeout.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
            throw new RpcConnectionException(
                $"The host does not start, because {connection.Address} was not ready within {seconds} s (StartTimeout): {FindReason() ?? "it is now"}. Start the broker, allow more time, or set RequireBroker of {registration.Method} to false to start without it.");
        }
    }

    /// <summary>Completes when everything is ready, and fails as soon as one service cannot be served.</summary>
    private async Task WhenReadyAsync(CancellationToken cancellationToken)
    {
        var remaining = servers.Select(server => server.Serving).Append(connection.WaitUntilOpenAsync(cancellationToken)).ToList();
        while (remaining.Count > 0)
        {
            Task done = await Task.WhenAny(remaining).WaitAsync(cancellationToken).ConfigureAwait(false);
            await done.ConfigureAwait(false);
            remaining.Remove(done);
        }
    }

    /// <summary>Rethrows errors that no broker can cure, such as an implementation that the container cannot create.</summary>
    private async Task ThrowIfFailedAsync()
    {
        foreach (HostedServer server in servers)
        {
            if (server.Serving.IsFaulted)
            {
                await server.Serving.ConfigureAwait(false);
            }
        }
    }

    /// <summary>Why something is not ready, as a clause for messages; null if everything is.</summary>
    private string? FindReason() =>
        connection.UnavailableReason ?? servers.Where(server => server.NotServedReason is not null).Select(server => $"'{server.Queue}' is not served: {server.NotServedReason}").FirstOrDefault();
}
