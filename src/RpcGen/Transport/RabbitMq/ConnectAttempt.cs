using System.Net;
using System.Net.Sockets;
using RabbitMQ.Client;
using RpcGen.Transport.RabbitMq.Connecting;

namespace RpcGen.Transport.RabbitMq;

/// <summary>One attempt to open a connection to one address of a host.</summary>
internal sealed class ConnectAttempt(RabbitMqSettings settings, BrokerHost host, IPAddress address)
{
    /// <summary>RpcGen checks its own, lower limit where only one call fails. Larger bodies never reach the library, see <see cref="FrameGuard"/>.</summary>
    private const uint MaxBodyBytes = FrameGuard.MaxBodyBytes;

    private TlsHandshake? _tls;
    private RabbitMqSocket? _socket;

    /// <summary>What was seen of the other side; null if no connection came about.</summary>
    public PeerObservation? Peer { get; private set; }

    public async Task<RabbitMqConnection> OpenAsync(string name, CancellationToken cancellationToken)
    {
        _tls = settings.Address.IsTls ? new TlsHandshake(settings.Tls, host.Name) : null;
        ConnectionFactory factory = CreateFactory();
        factory.SocketFactory = CreateSocket;

        // The socket does TLS itself, below the frame guard: the library must not add its own.
        var endpoint = new AmqpTcpEndpoint(address.ToString(), host.Port, new SslOption { Enabled = false }, MaxBodyBytes);

        // The library limits the TCP connection with its TLS handshake, and each answer, but not the wait for the broker's
        // first frame.
        using var timeout = new CancellationTokenSource(settings.ConnectTimeout, TimeProvider.System);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        Task<IConnection> opening = OpenAsync(factory, endpoint, name, limit.Token);
        try
        {
            IConnection connection = await opening.WaitAsync(limit.Token).ConfigureAwait(false);
            var second = new SecondConnection(settings, host, address);
            return new RabbitMqConnection(connection, _socket!, host, settings.User) { IsReachable = second.IsAnsweredAsync };
        }
        catch (Exception)
        {
            // Closing the socket ends the attempt at once; the library's own close takes five seconds. If the attempt has just
            // succeeded, this closes the connection.
            Peer = _socket?.Observe();
            _socket?.Close();
            _tls?.Dispose();
            opening.IgnoreOutcome();
            cancellationToken.ThrowIfCancellationRequested();
            if (limit.IsCancellationRequested)
            {
                throw new TimeoutException($"no connection within {settings.ConnectTimeout.TotalSeconds:0.###} s");
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

    private RabbitMqSocket CreateSocket(AddressFamily family) => _socket = RabbitMqSocket.Create(family, _tls);

    private ConnectionFactory CreateFactory()
    {
        var factory = new ConnectionFactory
        {
            UserName = settings.Address.UserName,
            Password = settings.Address.Password,
            VirtualHost = settings.Address.VirtualHost,
            AutomaticRecoveryEnabled = false,
            TopologyRecoveryEnabled = false,
            ConsumerDispatchConcurrency = 1,
            RequestedHeartbeat = settings.Heartbeat,
            RequestedConnectionTimeout = settings.ConnectTimeout,
            HandshakeContinuationTimeout = settings.ConnectTimeout,

            // The library forgets a request whose answer is late, and its channel: the answer, when it comes, ends the whole
            // connection. BrokerRequests limits the waits instead.
            ContinuationTimeout = Timeout.InfiniteTimeSpan,
            MaxInboundMessageBodySize = MaxBodyBytes,
        };
        if (settings.Address.Parameters.ChannelMax is { } channelMax)
        {
            factory.RequestedChannelMax = channelMax;
        }

        if (settings.UsesExternalLogin)
        {
            factory.AuthMechanisms = [new ExternalMechanismFactory()];
        }

        return factory;
    }
}
