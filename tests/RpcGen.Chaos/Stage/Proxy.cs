using System.Net;
using System.Net.Sockets;

namespace RpcGen.Chaos.Stage;

/// <summary>Stands between a process and the broker: passes bytes on, late, slowly or not at all, and resets connections.</summary>
internal sealed class Proxy : IAsyncDisposable
{
    private const int ChunkBytes = 16 * 1024;

    private readonly Uri _broker;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _gate = new();
    private readonly HashSet<Socket> _sockets = [];
    private readonly Task _accepting;
    private TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile int _delay;
    private volatile bool _isClosed;

    public Proxy(Uri broker)
    {
        _broker = broker;
        _open.SetResult();
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>The address for the process.</summary>
    public string Url => new UriBuilder(_broker) { Host = "127.0.0.1", Port = ((IPEndPoint)_listener.LocalEndpoint).Port }.Uri.ToString();

    /// <summary>Passes nothing on from now on.</summary>
    public void Stall()
    {
        lock (_gate)
        {
            _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Passes each chunk of 16 KiB on after this many milliseconds.</summary>
    public void Delay(int milliseconds) => _delay = milliseconds;

    /// <summary>Resets all connections; what was on its way is lost. Refuses further ones until <see cref="Restore"/>.</summary>
    public void Cut()
    {
        _isClosed = true;
        Socket[] sockets;
        lock (_gate)
        {
            sockets = [.. _sockets];
        }

        foreach (Socket socket in sockets)
        {
            Reset(socket);
        }
    }

    /// <summary>Passes everything on again.</summary>
    public void Restore()
    {
        _isClosed = false;
        _delay = 0;
        lock (_gate)
        {
            _open.TrySetResult();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        Cut();
        Restore();
        await _accepting;
        _end.Dispose();
    }

    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is closed already.
        }

        socket.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            Socket near;
            try
            {
                near = await _listener.AcceptSocketAsync(_end.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }

            _ = ConnectAsync(near);
        }
    }

    private async Task ConnectAsync(Socket near)
    {
        var far = new Socket(SocketType.Stream, ProtocolType.Tcp);
        lock (_gate)
        {
            _sockets.Add(near);
            _sockets.Add(far);
        }

        try
        {
            if (!_isClosed)
            {
                await far.ConnectAsync(_broker.Host, _broker.Port, _end.Token);
                await Task.WhenAny(PassAsync(near, far), PassAsync(far, near));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The broker is away: the process sees a reset.
        }

        lock (_gate)
        {
            _sockets.Remove(near);
            _sockets.Remove(far);
        }

        Reset(near);
        Reset(far);
    }

    private async Task PassAsync(Socket from, Socket to)
    {
        byte[] buffer = new byte[ChunkBytes];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var length)
            {
                if (_delay is > 0 and var delay)
                {
                    await Task.Delay(delay);
                }

                await Gate();
                await to.SendAsync(buffer.AsMemory(0, length));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // One side is gone: so is the other, soon.
        }
    }

    private Task Gate()
    {
        lock (_gate)
        {
            return _open.Task;
        }
    }
}
