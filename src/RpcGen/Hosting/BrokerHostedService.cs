using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RpcGen.Diagnostics;

namespace RpcGen.Hosting;

/// <summary>Serves what an application serves on one broker, for as long as the host runs.</summary>
internal sealed class BrokerHostedService(Broker broker, IServiceProvider services) : IHostedService, IDisposable
{
    private readonly ILogger _log = broker.LoggerFactory.CreateLogger("RpcGen");
    private readonly CancellationTokenSource _stopping = new();
    private HostedServer[] _servers = [];

    /// <summary>What is served, each whether it is or not.</summary>
    public IReadOnlyList<HostedServer> Servers => _servers;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        RpcGenOptions options = broker.Options;
        foreach (string warning in options.Problems.Warnings)
        {
            Log.UnknownSetting(_log, warning);
        }

        RpcConnection connection = broker.Connection;
        foreach (ClientRegistration client in broker.Registration.Clients)
        {
            client.Check(connection, broker.GetOptions(client)); // what can't be made shows now, not at the first call
        }

        _servers = [.. broker.Registration.Services.Select(service => new HostedServer(service, connection, services, broker.GetOptions(service), broker.Time, _log))];
        foreach (HostedServer server in _servers)
        {
            server.Start(retries: !options.RequireBroker, _stopping.Token);
        }

        try
        {
            await new BrokerStart(connection, _servers, options, broker.Registration, broker.Time, _log).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await StopAsync(CancellationToken.None).ConfigureAwait(false); // the host does not, for what has not started
            throw;
        }
    }

    /// <summary>Stops serving: what runs may end within its grace period, unless the host's patience ends before.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_servers.Select(server => server.StopAsync(cancellationToken))).ConfigureAwait(false);
    }

    /// <summary>Ends the attempts to serve where the host was not stopped; the connection's disposal ends the rest.</summary>
    public void Dispose() => _stopping.Cancel();
}
