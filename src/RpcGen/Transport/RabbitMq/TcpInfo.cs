using System.Net.Sockets;

namespace RpcGen.Transport.RabbitMq;

/// <summary>
/// What Linux knows of a TCP connection (<c>TCP_INFO</c>): it tells a peer that is gone from one that does not read. The first
/// acknowledges nothing, and its segments are retransmitted; the second acknowledges all that its window lets us send.
/// </summary>
internal static class TcpInfo
{
    private const int IpProtocolTcp = 6;
    private const int Option = 11;

    // Offsets in struct tcp_info of linux/tcp.h. The structure only grows at its end.
    private const int RetransmitsOffset = 2;
    private const int UnackedOffset = 24;
    private const int BytesAckedOffset = 120;
    private const int Size = 128;

    /// <summary>Reads it; null on other systems, with an old kernel, or if the socket is closed.</summary>
    public static SendProgress? Read(Socket socket)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        Span<byte> info = stackalloc byte[Size];
        try
        {
            return socket.GetRawSocketOption(IpProtocolTcp, Option, info) < Size ? null : Parse(info);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return null;
        }
    }

    private static SendProgress Parse(ReadOnlySpan<byte> info)
    {
        // Numbers are in the byte order of the machine.
        uint unacked = BitConverter.ToUInt32(info[UnackedOffset..]);
        return new SendProgress(unacked > 0, info[RetransmitsOffset], BitConverter.ToUInt64(info[BytesAckedOffset..]));
    }
}
