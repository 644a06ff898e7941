using Microsoft.Extensions.Logging;
using RpcGen.Diagnostics;

namespace RpcGen.Hosting;

/// <summary>One service while the host runs. If the broker refuses it, attempts to serve it go on.</summary>
internal sealed class HostedServer(ServiceRegistration service, RpcConnection connection, IServiceProvider services, RpcServerOptions options, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private Task<RpcServer> _serving = Task.FromCanceled<RpcServer>(new CancellationToken(canceled: true));
    private volatile string? _refusal;

    public string Name => service.Name;

    public string Queue => options.Queue ?? service.Queue;

    /// <summary>Completes when the service is served for the first time.</summary>
    public Task Serving => _serving;

    /// <summary>Why the service is not served, as a clause for messages; null while it is.</summary>
    public string? NotServedReason =>
        _serving.IsCompletedSuccessfully ? _serving.Result.NotServingReason
        : _refusal ?? connection.UnavailableReason ?? "it is not served yet";

    /// <summary>Starts to serve in the background.</summary>
    /// <param name="retries">Whether to try again after the broker has refused. A lost connection is always followed by another attempt.</param>
    /// <param name="stopping">Ends the attempts.</param>
    public void Start(bool retries, CancellationToken stopping) => _serving = ServeAsync(retries, stopping);

    /// <summary>Stops the server. The token ends the grace period early.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await ((Task)_serving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_serving.IsCompletedSuccessfully)
        {
            await _serving.Result.StopAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<RpcServer> ServeAsync(bool retries, CancellationToken stopping)
    {
        for (TimeSpan pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                return await service.ServeAsync(connection, services, log, options, stopping).ConfigureAwait(false);
            }
            catch (RpcException e) when (retries || RpcConnection.IsLoss(e)) // a lost connection is opened again: no refusal
            {
                string reason = e.Message.TrimEnd('.');
                _refusal = reason;
                Log.NotServed(log, service.Name, reason, pause.TotalSeconds);
            }

            await Task.Delay(pause, time, stopping).ConfigureAwait(false);
        }
    }
}
