using System.Net.Sockets;
using RabbitMQ.Client;

namespace RpcGen.Transport.RabbitMq;

/// <summary>
/// A connection's socket. RpcGen creates it itself for two reasons: to be able to cut the connection, because the client
/// library waits until its last frame is written, which a broker that has stopped reading prevents forever; and to send
/// many frames with one system call.
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
