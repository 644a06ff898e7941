using System.Runtime.ExceptionServices;

namespace RpcGen.Streams;

/// <summary>
/// A stream of bytes that is received, for one reader at a time. It can be read once and forward only. To dispose it before its end ends the
/// transfer on both sides.
/// </summary>
/// <param name="pieces">The bytes.</param>
/// <param name="interrupt">Ends the transfer at once, also while a piece is awaited.</param>
internal sealed class ByteStream(IAsyncEnumerable<ReadOnlyMemory<byte>> pieces, Action<Exception> interrupt) : Stream
{
    private IAsyncEnumerator<ReadOnlyMemory<byte>>? _enumerator;
    private Task<bool>? _awaited;
    private ReadOnlyMemory<byte> _piece;
    private ExceptionDispatchInfo? _failure;
    private bool _isAtEnd;
    private int _isDisposed;

    /// <inheritdoc/>
    public override bool CanRead => Volatile.Read(ref _isDisposed) == 0;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException("The length of the stream is not known.");

    /// <inheritdoc/>
    public override long Position
    {
        get => throw NotSeekable();
        set => throw NotSeekable();
    }

    /// <inheritdoc/>
    /// <exception cref="RpcException">The transfer has failed.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        while (_piece.IsEmpty)
        {
            if (_isAtEnd || !await MoveNextAsync(cancellationToken).ConfigureAwait(false))
            {
                _isAtEnd = true;
                return 0;
            }
        }

        int count = Math.Min(buffer.Length, _piece.Length);
        _piece[..count].CopyTo(buffer);
        _piece = _piece[count..];
        return count;
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer, offset, count, CancellationToken.None).GetAwaiter().GetResult();

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw NotSeekable();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw NotWritable();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw NotWritable();

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            await EndAsync().ConfigureAwait(false);
        }

        await base.DisposeAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            _ = EndAsync(); // nothing in it has to be waited for
        }

        base.Dispose(disposing);
    }

    /// <summary>A cancelled read leaves the piece that it has waited for to the next read.</summary>
    private async ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _failure?.Throw(); // a reader that goes on must not take it for the end
        try
        {
            return await MoveOnAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (_awaited is not { IsCompleted: false }) // else only the read was cancelled
        {
            _failure = ExceptionDispatchInfo.Capture(e);
            throw;
        }
    }

    private async ValueTask<bool> MoveOnAsync(CancellationToken cancellationToken)
    {
        _enumerator ??= pieces.GetAsyncEnumerator(CancellationToken.None);
        if (_awaited is null)
        {
            ValueTask<bool> next = _enumerator.MoveNextAsync();
            if (next.IsCompletedSuccessfully)
            {
                return Take(next.Result);
            }

            _awaited = next.AsTask();
        }

        bool hasPiece = await _awaited.WaitAsync(cancellationToken).ConfigureAwait(false);
        _awaited = null;
        return Take(hasPiece);
    }

    private bool Take(bool hasPiece)
    {
        _piece = hasPiece ? _enumerator!.Current : default;
        return hasPiece;
    }

    /// <summary>Ends the transfer. An enumerator is not disposed while it is being moved.</summary>
    private async Task EndAsync()
    {
        _piece = default;
        if (_awaited is { } awaited)
        {
            interrupt(new ObjectDisposedException(GetType().FullName));
            await awaited.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).ConfigureAwait(false);
        }

        try
        {
            _enumerator ??= pieces.GetAsyncEnumerator(CancellationToken.None);
            await _enumerator.DisposeAsync().ConfigureAwait(false);
        }
        catch (InvalidOperationException)
        {
            // The call was over before anything was read.
        }
    }

    private static NotSupportedException NotSeekable() => new("The stream is received: it can be read once and forward only.");

    private static NotSupportedException NotWritable() => new("The stream is received: it can only be read.");
}
