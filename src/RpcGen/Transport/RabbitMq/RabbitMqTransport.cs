using System.Net;
using RpcGen.Transport.RabbitMq.Connecting;

namespace RpcGen.Transport.RabbitMq;

/// <summary>RabbitMQ, by means of RabbitMQ.Client. The library's automatic recovery is off: the layer above reopens what closes.</summary>
internal sealed class RabbitMqTransport(RabbitMqSettings settings) : ITransport
{
    public string Address { get; } = settings.Address.ToString();

    public string UserName { get; } = settings.Address.UserName;

    public IEnumerable<string> FindWarnings() => settings.Tls.FindWarnings(settings.Address.IsTls);

    public async Task<ITransportConnection> ConnectAsync(string name, CancellationToken cancellationToken)
    {
        var failures = new List<ConnectFailure>();
        foreach (BrokerHost host in settings.Address.Hosts)
        {
            if (await ConnectAsync(host, name, failures, cancellationToken).ConfigureAwait(false) is { } connection)
            {
                return connection;
            }
        }

        throw ConnectFailures.ToException(settings, failures);
    }

    /// <summary>Tries the addresses of a host. Returns null, and adds to the failures, if none can be used.</summary>
    private async Task<RabbitMqConnection?> ConnectAsync(BrokerHost host, string name, List<ConnectFailure> failures, CancellationToken cancellationToken)
    {
        IPAddress[] addresses;
        try
        {
            addresses = await ResolveAsync(host, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            failures.Add(new ConnectFailure(host, e));
            return null;
        }

        foreach (IPAddress address in addresses)
        {
            var attempt = new ConnectAttempt(settings, host, address);
            try
            {
                return await attempt.OpenAsync(name, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                failures.Add(new ConnectFailure(host, e, attempt.Peer) { Address = addresses.Length > 1 ? address : null });
            }
        }

        return null;
    }

    /// <summary>Looks the name up each time: behind it, nodes come and go.</summary>
    private async Task<IPAddress[]> ResolveAsync(BrokerHost host, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(settings.ConnectTimeout, TimeProvider.System);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        return IPAddress.TryParse(host.Name, out IPAddress? literal)
            ? [literal]
            : await Dns.GetHostAddressesAsync(host.Name, limit.Token).WaitAsync(limit.Token).ConfigureAwait(false);
    }
}
