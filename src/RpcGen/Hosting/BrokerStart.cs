using System.Globalization;
using Microsoft.Extensions.Logging;
using RpcGen.Diagnostics;

namespace RpcGen.Hosting;

/// <summary>What the host's start waits for: a broker, and services that are served there.</summary>
internal sealed class BrokerStart(RpcConnection connection, IReadOnlyList<HostedServer> servers, RpcGenOptions options, BrokerRegistration registration, TimeProvider time, ILogger log)
{
    /// <summary>Waits as the options say.</summary>
    /// <exception cref="RpcConnectionException">There is no broker, and it is required.</exception>
    /// <exception cref="RpcException">The broker refuses to have a service served, and it is required.</exception>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(options.StartTimeout, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        Task ready = WhenReadyAsync(ending.Token);
        if (!options.RequireBroker)
        {
            await Task.WhenAny(ready, connection.FirstFailure).ConfigureAwait(false);
            await ending.CancelAsync().ConfigureAwait(false);
            await ready.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
            await ThrowIfBrokenAsync().ConfigureAwait(false);
            if (Trouble() is { } missing)
            {
                Log.StartedWithoutBroker(log, connection.Address, missing);
            }

            return;
        }

        try
        {
            await ready.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            string patienceText = options.StartTimeout.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
            throw new RpcConnectionException(
                $"The host does not start, since within {patienceText} s (StartTimeout) {connection.Address} was not ready: {Trouble() ?? "it is now"}. Start the broker, allow more time, or set RequireBroker of {registration.Method} to false to start without it.");
        }
    }

    /// <summary>All is ready, or a service can't be served for a reason that lies in the program or, if that is not met with patience, in the broker.</summary>
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

    /// <summary>What is wrong with the program ends the start, broker or not.</summary>
    private async Task ThrowIfBrokenAsync()
    {
        foreach (HostedServer server in servers)
        {
            if (server.Serving.IsFaulted)
            {
                await server.Serving.ConfigureAwait(false);
            }
        }
    }

    private string? Trouble() =>
        connection.Trouble ?? servers.Where(server => server.Trouble is not null).Select(server => $"'{server.Queue}' is not served: {server.Trouble}").FirstOrDefault();
}
