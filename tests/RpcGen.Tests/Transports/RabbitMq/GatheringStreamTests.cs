using System.Net.Sockets;
using RpcGen.Tests.Support;
using RpcGen.Transport.RabbitMq;

namespace RpcGen.Tests.Transports.RabbitMq;

public sealed class GatheringStreamTests : IAsyncDisposable
{
    private const int BufferSize = 64 * 1024;

    private readonly SocketPair _sockets = SocketPair.Create();
    private readonly GatheringStream _stream;
    private Task? _blocking;

    public GatheringStreamTests() => _stream = new GatheringStream(_sockets.Near);

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
    public async Task The_older_overloads_write_as_well()
    {
        Task<byte[]> reading = _sockets.ReadAsync(5);

        await _stream.WriteAsync([9, 1, 2, 3, 9], 1, 3, Cancel).WaitAsync(Bounds.Soon, Cancel);
        _stream.Write([4, 5]);

        Assert.Equal([1, 2, 3, 4, 5], await reading);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task Frames_that_follow_gather_while_one_is_sent()
    {
        byte[] large = await BlockAsync();
        int gathered = 0;
        for (; gathered < 100; gathered++)
        {
            AssertGathers([(byte)gathered]);
        }

        await ReadZerosAsync(large.Length);
        byte[] expected = [.. Enumerable.Range(0, gathered).Select(i => (byte)i)];
        Assert.Equal(expected, await _sockets.ReadAsync(gathered));
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task A_write_that_does_not_fit_waits_until_the_buffer_is_free()
    {
        byte[] large = await BlockAsync();
        AssertGathers(Filled(BufferSize, 1)); // fits exactly
        Task one = _stream.WriteAsync(Filled(1, 2), Cancel).AsTask();
        Assert.False(one.IsCompleted);

        await ReadZerosAsync(large.Length);
        Assert.Equal(Filled(BufferSize, 1), await _sockets.ReadAsync(BufferSize));

        await one.WaitAsync(Bounds.Soon, Cancel);
        Assert.Equal([2], await _sockets.ReadAsync(1));
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task A_write_larger_than_the_buffer_is_sent_alone_after_what_has_gathered()
    {
        byte[] large = await BlockAsync();
        AssertGathers(Filled(10, 1));
        Task huge = _stream.WriteAsync(Filled(BufferSize + 1, 2), Cancel).AsTask();

        await ReadZerosAsync(large.Length);

        Assert.Equal(Filled(10, 1), await _sockets.ReadAsync(10));
        Assert.Equal(Filled(BufferSize + 1, 2), await _sockets.ReadAsync(BufferSize + 1));
        await huge.WaitAsync(Bounds.Soon, Cancel);
        await _stream.WriteAsync(Filled(3, 3), Cancel).AsTask().WaitAsync(Bounds.Soon, Cancel);
        Assert.Equal([3, 3, 3], await _sockets.ReadAsync(3));
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task A_large_write_that_waits_for_another_goes_on_when_nothing_has_gathered()
    {
        byte[] large = await BlockAsync();
        Task huge = _stream.WriteAsync(Filled(BufferSize + 1, 2), Cancel).AsTask();
        Assert.False(huge.IsCompleted);

        await ReadZerosAsync(large.Length);

        Assert.Equal(Filled(BufferSize + 1, 2), await _sockets.ReadAsync(BufferSize + 1));
        await huge.WaitAsync(Bounds.Soon, Cancel);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task A_wait_for_the_buffer_can_be_cancelled()
    {
        byte[] large = await BlockAsync();
        using var cancellation = new CancellationTokenSource();
        Task huge = _stream.WriteAsync(Filled(BufferSize + 1, 2), cancellation.Token).AsTask();

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => huge.WaitAsync(Bounds.Soon, Cancel));

        await ReadZerosAsync(large.Length);
        await _blocking!.WaitAsync(Bounds.Soon, Cancel);
        await _stream.WriteAsync(Filled(1, 7), Cancel).AsTask().WaitAsync(Bounds.Soon, Cancel);
        Assert.Equal([7], await _sockets.ReadAsync(1)); // nothing of the cancelled write
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task A_failure_reaches_the_writer_its_waiters_and_every_later_write()
    {
        await BlockAsync();
        AssertGathers(Filled(10, 1));
        Task waiting = _stream.WriteAsync(Filled(BufferSize + 1, 2), Cancel).AsTask();

        _sockets.Far.Close(0); // with unread bytes: a reset

        await Assert.ThrowsAsync<IOException>(() => _blocking!.WaitAsync(Bounds.Soon, Cancel));
        await Assert.ThrowsAsync<IOException>(() => waiting.WaitAsync(Bounds.Soon, Cancel));
        IOException later = await Assert.ThrowsAsync<IOException>(() => _stream.WriteAsync(Filled(1, 3), Cancel).AsTask().WaitAsync(Bounds.Soon, Cancel));
        Assert.IsType<Exception>(later.InnerException, exactMatch: false);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task A_failure_of_what_has_gathered_reaches_its_waiters_and_the_next_write()
    {
        byte[] large = await BlockAsync();
        AssertGathers(Filled(BufferSize, 1));
        await ReadZerosAsync(large.Length);
        await _blocking!.WaitAsync(Bounds.Soon, Cancel); // the gathered bytes are being sent, which blocks too
        AssertGathers(Filled(BufferSize, 2));
        Task waiting = _stream.WriteAsync(Filled(BufferSize, 3), Cancel).AsTask();
        Assert.False(waiting.IsCompleted);

        _sockets.Far.Close(0);

        await Assert.ThrowsAsync<IOException>(() => waiting.WaitAsync(Bounds.Soon, Cancel));
        await Assert.ThrowsAsync<IOException>(() => _stream.WriteAsync(Filled(1, 4), Cancel).AsTask().WaitAsync(Bounds.Soon, Cancel));
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task Reads_take_what_has_arrived_and_return_it_in_the_pieces_asked_for()
    {
        byte[] sent = [.. Enumerable.Range(0, 100).Select(i => (byte)i)];
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
        await _sockets.Far.SendAsync(new byte[] { 1, 2, 3 }, Cancel);
        Assert.Equal(3, await next.WaitAsync(Bounds.Soon, Cancel));
        Assert.Equal([1, 2, 3], buffer[..3]);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task A_large_or_an_empty_read_goes_to_the_socket()
    {
        Task<int> untilData = _stream.ReadAsync(Memory<byte>.Empty, Cancel).AsTask();
        await _sockets.Far.SendAsync(new byte[] { 1, 2, 3 }, Cancel);
        Assert.Equal(0, await untilData.WaitAsync(Bounds.Soon, Cancel));

        byte[] large = new byte[BufferSize];
        Assert.Equal(3, await _stream.ReadAsync(large, Cancel).AsTask().WaitAsync(Bounds.Soon, Cancel));
        Assert.Equal([1, 2, 3], large[..3]);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task The_end_of_the_connection_is_read_as_the_end()
    {
        _sockets.Far.Shutdown(SocketShutdown.Send);

        Assert.Equal(0, await _stream.ReadAsync(new byte[10], Cancel).AsTask().WaitAsync(Bounds.Soon, Cancel));
        Assert.Equal(0, await _stream.ReadAsync(new byte[10], Cancel).AsTask().WaitAsync(Bounds.Soon, Cancel));
    }

    /// <summary>Starts a write that the far end does not read.</summary>
    private async Task<byte[]> BlockAsync()
    {
        byte[] large = new byte[8 * 1024 * 1024];
        _blocking = _stream.WriteAsync(large, Cancel).AsTask();
        await Task.Yield();
        Assert.False(_blocking.IsCompleted);
        return large;
    }

    private void AssertGathers(byte[] frame)
    {
        Task writing = _stream.WriteAsync(frame, Cancel).AsTask();
        Assert.True(writing.IsCompletedSuccessfully);
    }

    private async Task ReadZerosAsync(int count) => Assert.Equal(-1, (await _sockets.ReadAsync(count)).AsSpan().IndexOfAnyExcept((byte)0));

    private static byte[] Filled(int count, byte value)
    {
        byte[] bytes = new byte[count];
        bytes.AsSpan().Fill(value);
        return bytes;
    }
}
