using System.Net.Sockets;
using RabbitMQ.Client;

namespace RpcGen.Transport.RabbitMq;

/// <summary>
/// A connection's socket in our own hands, so that it can be cut: the client library waits for its last frame to be
/// written, which a broker that has stopped reading never lets happen. This is also the place for a stream that makes one
/// write of many frames.
/// </summary>
internal sealed class RabbitMqSocket : TcpClientAdapter
{
    private RabbitMqSocket(Socket socket)
        : base(socket)
    {
    }

    public static RabbitMqSocket Create(AddressFamily addressFamily) =>
        new(new Socket(addressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
}
