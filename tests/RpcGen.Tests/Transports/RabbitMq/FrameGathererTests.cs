using System.Threading.Channels;
using RpcGen.Tests.Support;
using RpcGen.Transport.RabbitMq;

namespace RpcGen.Tests.Transports.RabbitMq;

/// <summary>Walks every move of the table at <see cref="FrameGatherer"/>.</summary>
public sealed class FrameGathererTests
{
    private const int BufferSize = FrameGatherer.BufferSize;

    private readonly ManualTime _time = new();
    private readonly Channel<Sent> _sends = Channel.CreateUnbounded<Sent>();
    private readonly FrameGatherer _frames;
    private bool _completesAtOnce;

    public FrameGathererTests() => _frames = new FrameGatherer(SendAsync, _time);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task A_frame_that_arrives_alone_is_sent_at_once_without_a_copy()
    {
        _completesAtOnce = true;
        byte[] first = Filled(3, 1), second = Filled(3, 2);

        Assert.True(WriteAsync(first).IsCompletedSuccessfully);
        Assert.True(_sends.Reader.TryRead(out Sent? sent) && sent.Bytes.Equals(first.AsMemory()));

        _time.Advance(TimeSpan.FromMicroseconds(50.1)); // no longer closely
        Assert.True(WriteAsync(second).IsCompletedSuccessfully);
        Assert.True(_sends.Reader.TryRead(out sent) && sent.Bytes.Equals(second.AsMemory()));
        await Task.CompletedTask;
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task A_frame_that_follows_closely_is_sent_by_the_thread_pool()
    {
        _completesAtOnce = true;
        Assert.True(WriteAsync(Filled(1, 1)).IsCompletedSuccessfully);
        await NextAsync();
        _time.Advance(TimeSpan.FromMicroseconds(50));
        byte[] frame = Filled(1, 2);

        Assert.True(WriteAsync(frame).IsCompletedSuccessfully);

        Sent sent = await NextAsync();
        Assert.False(sent.Bytes.Equals(frame.AsMemory())); // the caller can reuse its buffer
        Assert.Equal([2], sent.Content);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task Frames_gather_while_one_is_sent_and_go_together()
    {
        Task alone = WriteAsync(Filled(1, 1));
        Assert.False(alone.IsCompleted);
        Sent first = await NextAsync();
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(WriteAsync([2]).IsCompletedSuccessfully);
        Assert.True(WriteAsync([3, 4]).IsCompletedSuccessfully);
        Assert.Equal(0, _sends.Reader.Count);

        first.Complete();

        await alone.WaitAsync(Bounds.Soon, Cancel);
        Sent second = await NextAsync();
        Assert.Equal([2, 3, 4], second.Content);
        Assert.True(WriteAsync([5]).IsCompletedSuccessfully); // while the thread pool sends
        Assert.Equal(0, _sends.Reader.Count);
        second.Complete();
        Sent third = await NextAsync();
        Assert.Equal([5], third.Content);
        Assert.Equal([2, 3, 4], second.Content); // its buffer was not written to meanwhile
        third.Complete();
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task After_a_send_frames_are_sent_alone_again()
    {
        Task alone = WriteAsync([1]);
        (await NextAsync()).Complete();
        await alone.WaitAsync(Bounds.Soon, Cancel);
        _time.Advance(TimeSpan.FromSeconds(1));
        byte[] frame = [2];

        Task next = WriteAsync(frame);

        Sent sent = await NextAsync();
        Assert.True(sent.Bytes.Equals(frame.AsMemory()));
        sent.Complete();
        await next.WaitAsync(Bounds.Soon, Cancel);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task A_write_that_does_not_fit_waits_until_the_buffer_is_taken()
    {
        Task alone = WriteAsync([1]);
        Sent first = await NextAsync();
        Assert.True(WriteAsync(Filled(BufferSize, 2)).IsCompletedSuccessfully); // fits exactly
        Task waiting = WriteAsync([3]);
        Assert.False(waiting.IsCompleted);

        first.Complete();
        await alone.WaitAsync(Bounds.Soon, Cancel);
        Sent second = await NextAsync();
        await waiting.WaitAsync(Bounds.Soon, Cancel); // gathers in the other buffer

        Assert.Equal(Filled(BufferSize, 2), second.Content);
        second.Complete();
        Assert.Equal([3], (await NextAsync()).Content);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task A_write_larger_than_the_buffer_is_sent_alone_when_nothing_is_being_sent()
    {
        byte[] large = Filled(BufferSize + 1, 1);

        Task alone = WriteAsync(large);

        Sent sent = await NextAsync();
        Assert.True(sent.Bytes.Equals(large.AsMemory()));
        sent.Complete();
        await alone.WaitAsync(Bounds.Soon, Cancel);
    }

    [Theory(Timeout = Bounds.TestTimeout)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_write_larger_than_the_buffer_waits_for_the_send_and_for_what_has_gathered(bool hasGathered)
    {
        Task alone = WriteAsync([1]);
        Sent first = await NextAsync();
        if (hasGathered)
        {
            Assert.True(WriteAsync([2]).IsCompletedSuccessfully);
        }

        byte[] large = Filled(BufferSize + 1, 3);
        Task waiting = WriteAsync(large);
        Assert.False(waiting.IsCompleted);
        first.Complete();
        await alone.WaitAsync(Bounds.Soon, Cancel);
        if (hasGathered)
        {
            Sent second = await NextAsync();
            Assert.Equal([2], second.Content);
            Assert.False(waiting.IsCompleted);
            second.Complete();
        }

        Sent last = await NextAsync();
        Assert.True(last.Bytes.Equals(large.AsMemory()));
        Assert.False(waiting.IsCompleted);
        last.Complete();
        await waiting.WaitAsync(Bounds.Soon, Cancel);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task A_wait_can_be_cancelled_and_leaves_nothing_behind()
    {
        Task alone = WriteAsync([1]);
        Sent first = await NextAsync();
        using var cancellation = new CancellationTokenSource();
        Task waiting = _frames.WriteAsync(Filled(BufferSize + 1, 2), cancellation.Token).AsTask();

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(Bounds.Soon, Cancel));
        first.Complete();
        await alone.WaitAsync(Bounds.Soon, Cancel);

        Assert.True(WriteAsync([3]).IsCompletedSuccessfully);
        Assert.Equal([3], (await NextAsync()).Content);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task A_send_that_fails_fails_its_writer_those_that_wait_and_every_later_write()
    {
        Task alone = WriteAsync([1]);
        Sent first = await NextAsync();
        Assert.True(WriteAsync([2]).IsCompletedSuccessfully);
        Task waiting = WriteAsync(Filled(BufferSize, 3));
        var reset = new IOException("reset");

        first.Fail(reset);

        Assert.Same(reset, await Assert.ThrowsAsync<IOException>(() => alone.WaitAsync(Bounds.Soon, Cancel)));
        Assert.Same(reset, (await Assert.ThrowsAsync<IOException>(() => waiting.WaitAsync(Bounds.Soon, Cancel))).InnerException);
        IOException later = await Assert.ThrowsAsync<IOException>(() => WriteAsync([4]));
        Assert.Equal(("reset", reset), (later.Message, later.InnerException));
        await Assert.ThrowsAsync<IOException>(() => WriteAsync(Filled(BufferSize + 1, 5)));
        Assert.Equal(0, _sends.Reader.Count); // what had gathered is not sent
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task A_send_by_the_thread_pool_that_fails_fails_those_that_wait_and_every_later_write()
    {
        Task alone = WriteAsync([1]);
        Sent first = await NextAsync();
        Assert.True(WriteAsync([2]).IsCompletedSuccessfully);
        first.Complete();
        await alone.WaitAsync(Bounds.Soon, Cancel);
        Sent second = await NextAsync();
        Assert.True(WriteAsync([3]).IsCompletedSuccessfully);
        Task waiting = WriteAsync(Filled(BufferSize, 4));

        second.Fail(new IOException("reset"));

        await Assert.ThrowsAsync<IOException>(() => waiting.WaitAsync(Bounds.Soon, Cancel));
        await Assert.ThrowsAsync<IOException>(() => WriteAsync([5]));
        Assert.Equal(0, _sends.Reader.Count);
    }

    private static byte[] Filled(int count, byte value)
    {
        byte[] bytes = new byte[count];
        bytes.AsSpan().Fill(value);
        return bytes;
    }

    private Task WriteAsync(byte[] frame) => _frames.WriteAsync(frame, Cancel).AsTask();

    private async Task<Sent> NextAsync() => await _sends.Reader.ReadAsync(Cancel).AsTask().WaitAsync(Bounds.Soon, Cancel);

    private ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        var sent = new Sent(bytes);
        _sends.Writer.TryWrite(sent);
        return _completesAtOnce ? default : new ValueTask(sent.Task);
    }

    private sealed class Sent(ReadOnlyMemory<byte> bytes)
    {
        private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ReadOnlyMemory<byte> Bytes { get; } = bytes;

        public byte[] Content => Bytes.ToArray();

        public Task Task => _completion.Task;

        public void Complete() => _completion.SetResult();

        public void Fail(Exception exception) => _completion.SetException(exception);
    }
}
