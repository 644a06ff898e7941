using System.Net.Sockets;
using RpcGen.Tests.Support;
using RpcGen.Transport.RabbitMq;

namespace RpcGen.Tests.Transports.RabbitMq;

public sealed class GatheringStreamTests : IAsyncDisposable
{
    private const int BufferSize = FrameGatherer.BufferSize;

    private static readonly byte[] Heartbeat = AmqpBytes.Frame(AmqpBytes.Heartbeat, 0, []);

    private readonly SocketPair _sockets = SocketPair.Create();
    private readonly GatheringStream _stream;

    public GatheringStreamTests() => _stream = new GatheringStream(_sockets.Near, new NetworkStream(_sockets.Near));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _sockets.Dispose();
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task Frames_arrive_in_order_whether_alone_or_gathered()
    {
        byte[] expected = [.. Enumerable.Range(0, 3000).Select(i => (byte)i)];
        Task<byte[]> reading = _sockets.ReadAsync(expected.Length);

        foreach (byte[] frame in expected.Chunk(7))
        {
            await _stream.WriteAsync(frame, Cancel).AsTask().WaitAsync(Bounds.Soon, Cancel);
        }

        Assert.Equal(expected, await reading);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task The_older_overload_writes_as_well()
    {
        Task<byte[]> reading = _sockets.ReadAsync(3);

        await _stream.WriteAsync([9, 1, 2, 3, 9], 1, 3, Cancel).WaitAsync(Bounds.Soon, Cancel);

        Assert.Equal([1, 2, 3], await reading);
    }

    [Fact]
    public void Synchronous_use_would_bypass_TLS_and_the_guard()
    {
        Assert.Throws<NotSupportedException>(() => _stream.Write([1]));
        Assert.Throws<NotSupportedException>(() => _stream.Write([1], 0, 1));
        Assert.Throws<NotSupportedException>(() => _stream.Read(new byte[1].AsSpan()));
        Assert.Throws<NotSupportedException>(() => _stream.Read(new byte[1], 0, 1));
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task Reads_take_what_has_arrived_and_return_it_in_the_pieces_asked_for()
    {
        byte[] sent = AmqpBytes.Frame(AmqpBytes.Body, 1, [.. Enumerable.Range(0, 92).Select(i => (byte)i)]);
        await _sockets.Far.SendAsync(sent, Cancel);
        byte[] buffer = new byte[40];

        Assert.Equal(40, await _stream.ReadAsync(buffer, Cancel));
        Assert.Equal(sent[..40], buffer);
        Task<int> second = _stream.ReadAsync(buffer.AsMemory(0, 10), Cancel).AsTask();
        Assert.True(second.IsCompletedSuccessfully); // no further system call
        Assert.Equal(10, await second);
        Assert.Equal(sent[40..50], buffer[..10]);
#pragma warning disable CA1835 // the older overload is what is tested
        Assert.Equal(30, await _stream.ReadAsync(buffer, 5, 30, Cancel));
#pragma warning restore CA1835
        Assert.Equal(sent[50..80], buffer[5..35]);
        Assert.Equal(20, await _stream.ReadAsync(buffer, Cancel));

        Task<int> next = _stream.ReadAsync(buffer, Cancel).AsTask();
        Assert.False(next.IsCompleted);
        await _sockets.Far.SendAsync(Heartbeat, Cancel);
        Assert.Equal(8, await next.WaitAsync(Bounds.Soon, Cancel));
        Assert.Equal(Heartbeat, buffer[..8]);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task A_large_and_an_empty_read_wait_for_bytes()
    {
        Task<int> untilData = _stream.ReadAsync(Memory<byte>.Empty, Cancel).AsTask();
        await _sockets.Far.SendAsync(Heartbeat, Cancel);
        Assert.Equal(0, await untilData.WaitAsync(Bounds.Soon, Cancel));

        byte[] large = new byte[BufferSize];
        Assert.Equal(8, await _stream.ReadAsync(large, Cancel).AsTask().WaitAsync(Bounds.Soon, Cancel));
        Assert.Equal(Heartbeat, large[..8]);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task The_end_of_the_connection_is_read_as_the_end()
    {
        _sockets.Far.Shutdown(SocketShutdown.Send);

        Assert.Equal(0, await _stream.ReadAsync(new byte[10], Cancel).AsTask().WaitAsync(Bounds.Soon, Cancel));
        Assert.Equal(0, await _stream.ReadAsync(new byte[10], Cancel).AsTask().WaitAsync(Bounds.Soon, Cancel));
    }
}
