using System.Net.Security;
using RabbitMQ.Client;

namespace RpcGen.Transport.RabbitMq;

/// <summary>RabbitMQ, by means of RabbitMQ.Client. The library's automatic recovery is off: the layer above reopens what closes.</summary>
/// <param name="address">The broker's address, and the user.</param>
/// <param name="configureTls">Changes the TLS options of a connection, which otherwise use the system's trust store; null for no change.</param>
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

        // The socket does TLS itself, below the frame guard: the library must not add its own.
        var endpoint = new AmqpTcpEndpoint(host.Name, host.Port, new SslOption { Enabled = false }, MaxBodyBytes);

        // The library limits the TCP connection with its TLS handshake, and each answer, but not the wait for the broker's
        // first frame.
        using var timeout = new CancellationTokenSource(address.ConnectionTimeout, TimeProvider.System);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        Task<IConnection> attempt = OpenAsync(factory, endpoint, name, limit.Token);
        try
        {
            IConnection connection = await attempt.WaitAsync(limit.Token).ConfigureAwait(false);
            return new RabbitMqConnection(connection, socket!);
        }
        catch (Exception)
        {
            // Closing the socket ends the attempt at once; the library's own close takes five seconds. If the attempt has just
            // succeeded, this closes the connection.
            socket?.Close();
            attempt.IgnoreOutcome();
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

        // 7.2.2 does not wait for the answer to connection.open, by which the broker refuses a virtual host. Opening a channel does.
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
