using System.Net.Sockets;
using RabbitMQ.Client;

namespace RpcGen.Transport.RabbitMq;

/// <summary>
/// A connection's socket in our own hands, so that it can be cut: the client library waits for its last frame to be
/// written, which a broker that has stopped reading never lets happen; and so that many frames make one system call.
/// </summary>
internal sealed class RabbitMqSocket : TcpClientAdapter
{
    private readonly Socket _socket;
    private GatheringStream? _stream;

    private RabbitMqSocket(Socket socket)
        : base(socket) => _socket = socket;

    public override NetworkStream GetStream() => _stream ??= new GatheringStream(_socket);

    public static RabbitMqSocket Create(AddressFamily addressFamily) =>
        new(new Socket(addressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
}
