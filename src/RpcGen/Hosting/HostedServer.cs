using Microsoft.Extensions.Logging;
using RpcGen.Diagnostics;

namespace RpcGen.Hosting;

/// <summary>
/// One service while the host runs. If the broker refuses it, attempts to serve it go on; also if the broker takes a
/// permission from a server that runs.
/// </summary>
internal sealed class HostedServer(ServiceRegistration service, RpcConnection connection, IServiceProvider services, RpcServerOptions options, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly TaskCompletionSource _serving = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _running = Task.CompletedTask;
    private volatile RpcServer? _server;
    private volatile string? _refusal;

    public string Name => service.Name;

    public string Queue => options.Queue ?? service.Queue;

    /// <summary>Completes when the service is served for the first time.</summary>
    public Task Serving => _serving.Task;

    /// <summary>Why the service is not served, as a clause for messages; null while it is.</summary>
    public string? NotServedReason =>
        _server is { } server ? server.NotServingReason
        : _refusal ?? connection.UnavailableReason ?? "it is not served yet";

    /// <summary>Why the service cannot work properly although it is served, as a sentence for messages; null if it can.</summary>
    public string? DegradedReason => _server?.DegradedReason;

    /// <summary>Asks one of the service's instances for its description.</summary>
    public Task<RpcServiceDescription> DescribeAsync(CancellationToken cancellationToken) => connection.DescribeAsync(Queue, cancellationToken);

    /// <summary>Starts to serve in the background.</summary>
    /// <param name="retries">Whether to try again after the broker has refused. A lost connection is always followed by another attempt.</param>
    /// <param name="stopping">Ends the attempts.</param>
    public void Start(bool retries, CancellationToken stopping) => _running = RunAsync(retries, stopping);

    /// <summary>Stops the server. The token ends the grace period early.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_server is { } server)
        {
            await server.StopAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Serves until the attempts end; again and again if the broker takes permissions away.</summary>
    private async Task RunAsync(bool retries, CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                RpcServer server = await ServeAsync(retries, stopping).ConfigureAwait(false);
                _server = server;
                _serving.TrySetResult();
                await server.Completion.WaitAsync(stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (stopping.IsCancellationRequested || !server.Completion.IsFaulted)
                {
                    return;
                }

                retries = true; // the host runs: only a refusal at its start can end it
                await PauseAsync(server.Completion.Exception!.InnerException!, FirstPause, stopping).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException e) when (stopping.IsCancellationRequested)
        {
            _serving.TrySetCanceled(e.CancellationToken);
        }
        catch (Exception e)
        {
            _serving.TrySetException(e);
            _ = _serving.Task.Exception; // observed: the host's start may not wait for it
            throw;
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
                await PauseAsync(e, pause, stopping).ConfigureAwait(false);
            }
        }
    }

    private async Task PauseAsync(Exception refusal, TimeSpan pause, CancellationToken stopping)
    {
        string reason = refusal.Message.TrimEnd('.');
        _refusal = reason;
        Log.NotServed(log, service.Name, reason, pause.TotalSeconds);
        await Task.Delay(pause, time, stopping).ConfigureAwait(false);
    }
}
