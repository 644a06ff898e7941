using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace RpcGen.EndToEnd.Tests.Redelivery;

/// <summary>The points at which a server is cut off from its broker.</summary>
public enum CutPoint
{
    /// <summary>Before a reply: its request is delivered, and may have run.</summary>
    BeforeReply,

    /// <summary>After a reply, before the acknowledgement of its request.</summary>
    BeforeAcknowledgement,

    /// <summary>Right after an acknowledgement.</summary>
    AfterAcknowledgement,

    /// <summary>Before a request reaches the server.</summary>
    BeforeDelivery,
}

/// <summary>
/// Stands between a server and its broker, reads the frames, and resets the connection at the points that a test chooses. What
/// comes before such a frame reaches the broker, the frame and all after it do not.
/// </summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private const int ProtocolHeaderLength = 8;
    private const int FrameHeaderLength = 7;
    private static readonly byte[] Publish = [0, 60, 0, 40];
    private static readonly byte[] Deliver = [0, 60, 0, 60];
    private static readonly byte[] Acknowledge = [0, 60, 0, 80];

    private readonly Uri _broker;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _gate = new();
    private readonly Task _accepting;
    private CutPoint? _next;
    private int _framesLeft;
    private int _cuts;

    public CuttingProxy(string broker)
    {
        _broker = new Uri(broker);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>The address for the server.</summary>
    public string Url => new UriBuilder(_broker) { Host = "127.0.0.1", Port = ((IPEndPoint)_listener.LocalEndpoint).Port }.Uri.ToString();

    /// <summary>How often the connection was reset.</summary>
    public int Cuts => Volatile.Read(ref _cuts);

    /// <summary>Resets the connection at the point, once that many of its frames were let through.</summary>
    public void CutAt(CutPoint point, int frames)
    {
        lock (_gate)
        {
            _next = point;
            _framesLeft = frames;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket server = await _listener.AcceptSocketAsync(_end.Token);
            _ = ConnectAsync(server);
        }
    }

    private async Task ConnectAsync(Socket server)
    {
        using var broker = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using (server)
        {
            server.NoDelay = true;
            await broker.ConnectAsync(IPAddress.Loopback, _broker.Port, _end.Token);
            await Task.WhenAny(PassOnAsync(server, broker, isFromServer: true), PassOnAsync(broker, server, isFromServer: false));
            foreach (Socket socket in (Socket[])[server, broker])
            {
                socket.LingerState = new LingerOption(enable: true, seconds: 0); // a reset: nothing more is delivered
            }
        }
    }

    /// <summary>Passes frames on until the connection ends or is to be cut.</summary>
    private async Task PassOnAsync(Socket from, Socket to, bool isFromServer)
    {
        byte[] buffer = new byte[1 << 20];
        int length = 0;
        bool isGreeted = !isFromServer;
        try
        {
            while (await from.ReceiveAsync(buffer.AsMemory(length), _end.Token) is > 0 and int read)
            {
                length += read;
                int passed = 0;
                bool isCut = false;
                while (!isCut && FrameLength(buffer.AsSpan(passed, length - passed), isGreeted) is > 0 and int frame)
                {
                    int next = passed + frame;
                    (bool before, bool after) = isGreeted ? FindCut(buffer.AsSpan(passed, frame), isFromServer) : default;
                    isGreeted = true;
                    isCut = before || after;
                    passed = before ? passed : next;
                }

                await to.SendAsync(buffer.AsMemory(0, passed), _end.Token);
                if (isCut)
                {
                    Interlocked.Increment(ref _cuts);
                    return;
                }

                buffer.AsSpan(passed, length - passed).CopyTo(buffer);
                length -= passed;
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The other side has ended.
        }
    }

    /// <summary>The length of the frame, or of the protocol header, that the bytes begin with; 0 if it is not complete.</summary>
    private static int FrameLength(ReadOnlySpan<byte> bytes, bool isGreeted)
    {
        if (!isGreeted)
        {
            return bytes.Length >= ProtocolHeaderLength ? ProtocolHeaderLength : 0;
        }

        int length = bytes.Length >= FrameHeaderLength ? FrameHeaderLength + BinaryPrimitives.ReadInt32BigEndian(bytes[3..]) + 1 : int.MaxValue;
        return bytes.Length >= length ? length : 0;
    }

    private (bool Before, bool After) FindCut(ReadOnlySpan<byte> frame, bool isFromServer)
    {
        const byte methodFrame = 1;
        ReadOnlySpan<byte> method = frame[0] == methodFrame ? frame.Slice(FrameHeaderLength, 4) : default;
        lock (_gate)
        {
            bool isPoint = _next switch
            {
                CutPoint.BeforeReply => isFromServer && method.SequenceEqual(Publish),
                CutPoint.BeforeAcknowledgement or CutPoint.AfterAcknowledgement => isFromServer && method.SequenceEqual(Acknowledge),
                CutPoint.BeforeDelivery => !isFromServer && method.SequenceEqual(Deliver),
                _ => false,
            };
            if (!isPoint || _framesLeft-- > 0)
            {
                return default;
            }

            bool isAfter = _next == CutPoint.AfterAcknowledgement;
            _next = null;
            return (!isAfter, isAfter);
        }
    }
}
