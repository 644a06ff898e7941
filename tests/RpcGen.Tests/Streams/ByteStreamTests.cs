using System.Threading.Channels;
using RpcGen.Streams;
using Xunit;

namespace RpcGen.Tests.Streams;

/// <summary>What readers of received bytes get.</summary>
public sealed class ByteStreamTests
{
    private readonly Pieces _pieces = new();
    private readonly ByteStream _stream;
    private readonly byte[] _buffer = new byte[10];

    public ByteStreamTests() => _stream = new ByteStream(_pieces, exception => _pieces.Channel.Writer.TryComplete(exception));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_read_returns_what_is_left_of_a_piece()
    {
        _pieces.Write(1, 2, 3);
        _pieces.Write();
        _pieces.Write(4);
        _pieces.Channel.Writer.Complete();

        Assert.Equal(2, await _stream.ReadAsync(_buffer.AsMemory(0, 2), Cancel));
        Assert.Equal(1, await _stream.ReadAsync(_buffer.AsMemory(2), Cancel));
        Assert.Equal(1, await _stream.ReadAsync(_buffer.AsMemory(3), Cancel)); // an empty piece is not the end
        Assert.Equal(0, await _stream.ReadAsync(_buffer, Cancel));
        Assert.Equal(0, await _stream.ReadAsync(_buffer, Cancel));
        Assert.Equal([1, 2, 3, 4], _buffer[..4]);
    }

    [Fact]
    public async Task A_cancelled_read_loses_nothing()
    {
        using var impatient = new CancellationTokenSource();
        Task<int> read = _stream.ReadAsync(_buffer, impatient.Token).AsTask();
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);

        _pieces.Write(7);

        Assert.Equal(1, await _stream.ReadAsync(_buffer, Cancel));
        Assert.Equal(7, _buffer[0]);
    }

    [Fact]
    public async Task A_failure_stays()
    {
        _pieces.Channel.Writer.Complete(new InvalidDataException("broken"));

        await Assert.ThrowsAsync<InvalidDataException>(() => _stream.ReadAsync(_buffer, Cancel).AsTask());
        await Assert.ThrowsAsync<InvalidDataException>(() => _stream.ReadAsync(_buffer, Cancel).AsTask());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Disposal_waits_for_a_read_and_happens_once(bool isAsynchronous)
    {
        Task<int> read = _stream.ReadAsync(_buffer, Cancel).AsTask();

        if (isAsynchronous)
        {
            await _stream.DisposeAsync();
        }
        else
        {
            _stream.Dispose();
        }

        await Assert.ThrowsAsync<ObjectDisposedException>(() => read);
        await _pieces.Disposed.Task;
        _stream.Dispose();
        await _stream.DisposeAsync();
        Assert.Equal((1, false), (_pieces.Disposals, _stream.CanRead));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _stream.ReadAsync(_buffer, Cancel).AsTask());
    }

    [Fact]
    public async Task A_stream_that_is_not_read_is_disposed_too()
    {
        await _stream.DisposeAsync();

        Assert.Equal(1, _pieces.Disposals);
    }

    [Fact]
    public void It_can_only_be_read()
    {
        Assert.Equal((true, false, false), (_stream.CanRead, _stream.CanSeek, _stream.CanWrite));
        Assert.Throws<NotSupportedException>(() => _stream.Length);
        Assert.Throws<NotSupportedException>(() => _stream.Position);
        Assert.Throws<NotSupportedException>(() => _stream.Position = 1);
        Assert.Throws<NotSupportedException>(() => _stream.Seek(0, SeekOrigin.Begin));
        Assert.Throws<NotSupportedException>(() => _stream.SetLength(1));
        Assert.Throws<NotSupportedException>(() => _stream.Write(_buffer, 0, 1));
        _stream.Flush();
    }

    private sealed class Pieces : IAsyncEnumerable<ReadOnlyMemory<byte>>, IAsyncEnumerator<ReadOnlyMemory<byte>>
    {
        private int _isMoving;

        public Channel<byte[]> Channel { get; } = System.Threading.Channels.Channel.CreateUnbounded<byte[]>();

        public TaskCompletionSource Disposed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Disposals { get; private set; }

        public ReadOnlyMemory<byte> Current { get; private set; }

        public void Write(params byte[] piece) => Assert.True(Channel.Writer.TryWrite(piece));

        public IAsyncEnumerator<ReadOnlyMemory<byte>> GetAsyncEnumerator(CancellationToken cancellationToken = default) => this;

        public async ValueTask<bool> MoveNextAsync()
        {
            Assert.Equal(0, Interlocked.Exchange(ref _isMoving, 1));
            try
            {
                bool hasPiece = await Channel.Reader.WaitToReadAsync();
                Current = hasPiece && Channel.Reader.TryRead(out byte[]? piece) ? piece : default;
                return hasPiece;
            }
            finally
            {
                Volatile.Write(ref _isMoving, 0);
            }
        }

        public ValueTask DisposeAsync()
        {
            Assert.Equal(0, Volatile.Read(ref _isMoving));
            Disposals++;
            Disposed.TrySetResult();
            return default;
        }
    }
}
