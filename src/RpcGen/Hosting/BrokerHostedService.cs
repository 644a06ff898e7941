using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RpcGen.Diagnostics;

namespace RpcGen.Hosting;

/// <summary>Runs the services of one broker from the host's start to its stop.</summary>
internal sealed class BrokerHostedService(Broker broker, IServiceProvider services) : IHostedService, IDisposable
{
    private readonly ILogger _log = broker.LoggerFactory.CreateLogger("RpcGen");
    private readonly CancellationTokenSource _stopping = new();
    private HostedServer[] _servers = [];

    /// <summary>The services, including those that are not served at the moment.</summary>
    public IReadOnlyList<HostedServer> Servers => _servers;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        RpcGenOptions options = broker.Options;
        foreach (string warning in broker.Configuration.FindWarnings())
        {
            Log.UnknownSetting(_log, warning);
        }

        RpcConnection connection = broker.Connection;
        foreach (ClientRegistration client in broker.Registration.Clients)
        {
            client.Check(broker);
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
            await StopAsync(CancellationToken.None).ConfigureAwait(false); // the host does not stop services whose start failed
            throw;
        }
    }

    /// <summary>Stops serving. Running calls can end within their grace period; the token ends it early.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_servers.Select(server => server.StopAsync(cancellationToken))).ConfigureAwait(false);
    }

    /// <summary>Ends attempts to serve if the host was not stopped. The connection's disposal stops the servers.</summary>
    public void Dispose() => _stopping.Cancel();
}
