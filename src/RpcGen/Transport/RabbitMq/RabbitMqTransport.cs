using System.Net.Security;
using RabbitMQ.Client;

namespace RpcGen.Transport.RabbitMq;

/// <summary>RabbitMQ through RabbitMQ.Client, whose automatic recovery is off: mending is the business of the layer above.</summary>
/// <param name="address">Where the broker is, and the user.</param>
/// <param name="configureTls">Changes the TLS options of a connection, which otherwise use the system's trust; null for no change.</param>
internal sealed class RabbitMqTransport(BrokerAddress address, Action<SslClientAuthenticationOptions>? configureTls = null) : ITransport
{
    /// <summary>RpcGen checks its own, lower limit where only one call fails. Larger bodies never reach the library, see <see cref="FrameGuard"/>.</summary>
    private const uint MaxBodyBytes = FrameGuard.MaxBodyBytes;

    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(20);

    public string Address { get; } = address.ToString();

    public string UserName { get; } = address.UserName;

    public async Task<ITransportConnection> ConnectAsync(string name, CancellationToken cancellationToken)
    {
        var failures = new List<(BrokerHost Host, Exception Exception)>();
        foreach (BrokerHost host in address.Hosts)
        {
            try
            {
                return await ConnectAsync(host, name, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                failures.Add((host, e));
            }
        }

        throw ConnectFailures.ToException(address, failures);
    }

    private async Task<RabbitMqConnection> ConnectAsync(BrokerHost host, string name, CancellationToken cancellationToken)
    {
        RabbitMqSocket? socket = null;
        ConnectionFactory factory = CreateFactory();
        SslClientAuthenticationOptions? tls = CreateTlsOptions(host);
        factory.SocketFactory = family => socket = RabbitMqSocket.Create(family, tls);

        // TLS is the socket's business, below the guard: the library must not add its own.
        var endpoint = new AmqpTcpEndpoint(host.Name, host.Port, new SslOption { Enabled = false }, MaxBodyBytes);

        // The library bounds the TCP connection and each answer, but neither TLS nor the wait for a broker's first word.
        using var patience = new CancellationTokenSource(address.ConnectionTimeout, TimeProvider.System);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        Task<IConnection> attempt = OpenAsync(factory, endpoint, name, limit.Token);
        try
        {
            IConnection connection = await attempt.WaitAsync(limit.Token).ConfigureAwait(false);
            return new RabbitMqConnection(connection, socket!);
        }
        catch (Exception)
        {
            // Without a socket the attempt ends at once rather than saying goodbye for five seconds; if it has succeeded
            // at the last moment, so does the connection.
            socket?.Close();
            Detached.Observe(attempt);
            cancellationToken.ThrowIfCancellationRequested();
            if (limit.IsCancellationRequested)
            {
                throw new TimeoutException($"no connection within {address.ConnectionTimeout.TotalSeconds:0.###} s");
            }

            throw;
        }
    }

    private static async Task<IConnection> OpenAsync(ConnectionFactory factory, AmqpTcpEndpoint endpoint, string name, CancellationToken cancellationToken)
    {
        IConnection connection = await factory.CreateConnectionAsync([endpoint], name, cancellationToken).ConfigureAwait(false);

        // 7.2.2 does not wait for the broker's answer to connection.open, a refusal of the virtual host. A channel does.
        IChannel channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        await channel.DisposeAsync().ConfigureAwait(false);
        return connection;
    }

    private SslClientAuthenticationOptions? CreateTlsOptions(BrokerHost host)
    {
        if (!address.IsTls)
        {
            return null;
        }

        var options = new SslClientAuthenticationOptions { TargetHost = host.Name };
        configureTls?.Invoke(options);
        return options;
    }

    private ConnectionFactory CreateFactory() => new()
    {
        UserName = address.UserName,
        Password = address.Password,
        VirtualHost = address.VirtualHost,
        AutomaticRecoveryEnabled = false,
        TopologyRecoveryEnabled = false,
        ConsumerDispatchConcurrency = 1,
        RequestedHeartbeat = address.Heartbeat,
        RequestedConnectionTimeout = address.ConnectionTimeout,
        HandshakeContinuationTimeout = address.ConnectionTimeout,
        ContinuationTimeout = AnswerTimeout,
        MaxInboundMessageBodySize = MaxBodyBytes,
    };
}
