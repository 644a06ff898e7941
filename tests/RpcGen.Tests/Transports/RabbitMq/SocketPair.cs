using System.Net;
using System.Net.Sockets;
using RpcGen.Tests.Support;

namespace RpcGen.Tests.Transports.RabbitMq;

/// <summary>Two connected sockets.</summary>
internal sealed class SocketPair : IDisposable
{
    private SocketPair(Socket near, Socket far)
    {
        Near = near;
        Far = far;
    }

    public Socket Near { get; }

    public Socket Far { get; }

    public static SocketPair Create()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var near = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        near.Connect(listener.LocalEndpoint);
        return new SocketPair(near, listener.AcceptSocket());
    }

    /// <summary>Reads an exact number of bytes at the far end.</summary>
    public async Task<byte[]> ReadAsync(int count)
    {
        byte[] bytes = new byte[count];
        using var bound = new CancellationTokenSource(Bounds.Soon);
        for (int read = 0; read < count;)
        {
            int more = await Far.ReceiveAsync(bytes.AsMemory(read), bound.Token);
            Assert.NotEqual(0, more);
            read += more;
        }

        return bytes;
    }

    public void Dispose()
    {
        Near.Dispose();
        Far.Dispose();
    }
}
