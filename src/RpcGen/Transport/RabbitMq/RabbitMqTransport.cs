using System.Net;
using RabbitMQ.Client.Exceptions;
using RpcGen.Runtime;
using RpcGen.Transport.RabbitMq.Connecting;

namespace RpcGen.Transport.RabbitMq;

/// <summary>RabbitMQ, by means of RabbitMQ.Client. The library's automatic recovery is off: the layer above reopens what closes.</summary>
internal sealed class RabbitMqTransport : ITransport
{
    private readonly Func<RabbitMqSettings> _read;
    private readonly RpcEnvironment _environment;
    private readonly ITransportEvents _events;
    private readonly HostOrder _order;
    private volatile string _userName;

    /// <param name="read">Returns the settings as they are now: the connection string can change.</param>
    /// <param name="environment">The clock of the secrets' validity and of failures, and the randomness of the hosts' order.</param>
    /// <param name="createEvents">Creates the log, by the broker's address.</param>
    /// <exception cref="ArgumentException">The settings are invalid.</exception>
    public RabbitMqTransport(Func<RabbitMqSettings> read, RpcEnvironment environment, Func<string, ITransportEvents> createEvents)
    {
        _read = read;
        _environment = environment;
        _order = new HostOrder(environment);
        RabbitMqSettings first = read();
        Address = first.Address.ToString();
        _userName = (first.Credentials is null ? first.User : null) ?? "";
        _events = createEvents(Address);
        ReportWarnings(first);
    }

    public string Address { get; }

    public string UserName => _userName;

    /// <summary>Looks up the addresses of a name.</summary>
    public Func<string, CancellationToken, Task<IPAddress[]>> LookUp { get; init; } = Dns.GetHostAddressesAsync;

    public async Task<ITransportConnection> ConnectAsync(string name, CancellationToken cancellationToken)
    {
        (RabbitMqSettings settings, Login? login) = await PrepareAsync(cancellationToken).ConfigureAwait(false);
        var failures = new List<ConnectFailure>();
        foreach (BrokerHost host in _order.Arrange(settings.Address.Hosts, settings.IsRandomHost))
        {
            if (await ConnectAsync(settings, host, name, failures, cancellationToken).ConfigureAwait(false) is { } connection)
            {
                _userName = settings.User ?? "";
                _events.OnLoginAccepted();
                KeepRenewed(connection, login, settings);
                _events.OnConnected(name, connection.Node);
                return connection;
            }
        }

        if (failures.Exists(failure => ConnectFailures.Cause(failure.Exception) is AuthenticationFailureException))
        {
            _events.OnLoginRefused(settings.User ?? "");
        }

        throw ConnectFailures.ToException(settings, failures);
    }

    /// <summary>Reads the connection string again, and asks for the login.</summary>
    private async Task<(RabbitMqSettings Settings, Login? Login)> PrepareAsync(CancellationToken cancellationToken)
    {
        RabbitMqSettings settings;
        Login? login = null;
        try
        {
            settings = _read();
            ReportWarnings(settings);
            if (settings.Credentials is { } ask)
            {
                login = await new LoginSource(ask, settings.ConnectTimeout, TimeProvider.System).AskAsync(cancellationToken).ConfigureAwait(false);
                settings = settings.With(login);
            }
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            string what = e is ArgumentException ? "" : "the credentials could not be obtained: ";
            throw new RpcConnectionException($"No connection to {Address}: {what}{e.Message}", e);
        }

        return settings.RequiresUser && settings.User is null
            ? throw new RpcConnectionException(
                $"No connection to {Address}: SendBrokerUser needs the user's name, which a token or certificate does not tell this application. Give it with new RpcCredentials(name, token), "
                + "or before the @ of the connection string, or turn SendBrokerUser off.")
            : (settings, login);
    }

    /// <summary>Reports what an operator should know.</summary>
    private void ReportWarnings(RabbitMqSettings settings) => _events.OnSettingsRead([.. settings.Tls.FindWarnings(settings.Address.IsTls)]);

    /// <summary>Tries the addresses of a host. Returns null, and adds to the failures, if none can be used.</summary>
    private async Task<RabbitMqConnection?> ConnectAsync(
        RabbitMqSettings settings, BrokerHost host, string name, List<ConnectFailure> failures, CancellationToken cancellationToken)
    {
        IPEndPoint[] addresses;
        try
        {
            addresses = [.. (await ResolveAsync(settings, host, cancellationToken).ConfigureAwait(false)).Select(address => new IPEndPoint(address, host.Port))];
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            failures.Add(new ConnectFailure(host, e));
            addresses = [];
        }

        foreach (IPEndPoint address in _order.Arrange(addresses, settings.IsRandomHost))
        {
            var attempt = new ConnectAttempt(settings, host, address.Address);
            try
            {
                RabbitMqConnection connection = await attempt.OpenAsync(name, cancellationToken).ConfigureAwait(false);
                _order.OnConnected(host);
                _order.OnConnected(address);
                _ = RememberLossAsync(connection, addresses.Length == 1 ? [host, address] : [address]);
                return connection;
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                _order.OnFailed(address, hangs: e is TimeoutException);
                failures.Add(new ConnectFailure(host, e, attempt.Peer) { Address = addresses.Length > 1 ? address.Address : null });
            }
        }

        _order.OnFailed(host, hangs: failures[^1].Exception is TimeoutException or OperationCanceledException);
        return null;
    }

    /// <summary>A node whose connection was lost can hang or be stopping: others are tried first.</summary>
    private async Task RememberLossAsync(RabbitMqConnection connection, object[] candidates)
    {
        TransportClosure closure = await connection.Closed.ConfigureAwait(false);
        if (!closure.IsNodeFine)
        {
            foreach (object candidate in candidates)
            {
                _order.OnFailed(candidate, closure.IsSilent);
            }
        }
    }

    /// <summary>Looks the name up each time: behind it, nodes come and go.</summary>
    private async Task<IPAddress[]> ResolveAsync(RabbitMqSettings settings, BrokerHost host, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(settings.ConnectTimeout, TimeProvider.System);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        return IPAddress.TryParse(host.Name, out IPAddress? literal)
            ? [literal]
            : await LookUp(host.Name, limit.Token).WaitAsync(limit.Token).ConfigureAwait(false);
    }

    /// <summary>Renews the secret while the connection is open.</summary>
    private void KeepRenewed(RabbitMqConnection connection, Login? login, RabbitMqSettings settings)
    {
        if (login is { ValidUntil: not null } && settings.Credentials is { } ask)
        {
            connection.HasTemporaryLogin = true;
            var source = new LoginSource(ask, settings.ConnectTimeout, _environment.Time);
            _ = RenewUntilClosedAsync(new SecretRenewal(source, connection.UpdateSecretAsync, connection.ExpireAsync, _events, _environment.Time), connection, login);
        }
    }

    private static async Task RenewUntilClosedAsync(SecretRenewal renewal, RabbitMqConnection connection, Login login)
    {
        using var closed = new CancellationTokenSource();
        Task renewing = Task.Run(() => renewal.RunAsync(login, closed.Token), CancellationToken.None);
        await connection.Closed.ConfigureAwait(false);
        await closed.CancelAsync().ConfigureAwait(false);
        await renewing.ConfigureAwait(false);
    }
}
