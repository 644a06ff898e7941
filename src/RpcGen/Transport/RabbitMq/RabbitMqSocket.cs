using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using RabbitMQ.Client;
using RpcGen.Transport.RabbitMq.Connecting;

namespace RpcGen.Transport.RabbitMq;

/// <summary>
/// A connection's socket, with TLS if the connection uses it. RpcGen creates both itself for three reasons: it can cut the
/// connection, because the client library waits until its last frame is written, which a broker that has stopped reading
/// prevents forever; many frames take one system call; and inbound frames are checked before the library decodes them.
/// </summary>
internal sealed class RabbitMqSocket : TcpClientAdapter
{
    private readonly Socket _socket;
    private readonly TlsHandshake? _tls;
    private ReceivedOctets? _network;
    private Stream? _wire;
    private GatheringStream? _stream;

    private RabbitMqSocket(Socket socket, TlsHandshake? tls)
        : base(socket)
    {
        _socket = socket;
        _tls = tls;
    }

    /// <summary>How many octets have arrived and were read, decrypted if the connection uses TLS.</summary>
    private long TotalReceived => _stream?.TotalReceived ?? 0;

    /// <summary>A number that changes whenever octets arrive, read or not.</summary>
    public long Received
    {
        get
        {
            try
            {
                return TotalReceived + _socket.Available;
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return TotalReceived; // the socket is closed
            }
        }
    }

    /// <inheritdoc cref="ILivenessProbe.ReadSendProgress"/>
    public SendProgress? ReadSendProgress() => TcpInfo.Read(_socket);

    /// <summary>Creates a socket that is not yet connected.</summary>
    /// <param name="addressFamily">The address family.</param>
    /// <param name="tls">How to authenticate the broker and this client; null for a connection without TLS. The socket disposes it.</param>
    public static RabbitMqSocket Create(AddressFamily addressFamily, TlsHandshake? tls) =>
        new(new Socket(addressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }, tls);

    /// <summary>Connects, and performs the TLS handshake.</summary>
    public override async Task ConnectAsync(IPAddress ep, int port, CancellationToken cancellationToken = default)
    {
        await base.ConnectAsync(ep, port, cancellationToken).ConfigureAwait(false);
        _wire = _network = new ReceivedOctets(_socket);
        if (_tls is not null)
        {
            var encrypted = new SslStream(_network);
            _wire = encrypted;
            await encrypted.AuthenticateAsClientAsync(_tls.Options, cancellationToken).ConfigureAwait(false);
            _tls.IsComplete = true;
        }
    }

    public override NetworkStream GetStream() => _stream ??= new GatheringStream(_socket, _wire ?? throw new InvalidOperationException("The socket is not connected."));

    /// <summary>What was seen of the other side; null if no connection came about.</summary>
    public PeerObservation? Observe()
    {
        if (_network is not { } network)
        {
            return null;
        }

        PeerKind kind = PeerObservation.Recognize(network.First);
        return new PeerObservation
        {
            Kind = kind,
            IsEnded = network.IsEnded,
            HasFrames = _tls is null ? kind == PeerKind.Frame : TotalReceived > 0,
            Tls = _tls,
        };
    }

    public override void Close()
    {
        base.Close();
        _wire?.Dispose();
        _tls?.Dispose();
    }
}
