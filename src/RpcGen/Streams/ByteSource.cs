using System.Buffers;

namespace RpcGen.Streams;

/// <summary>The bytes of a stream as pieces, from its current position on. Can be enumerated once.</summary>
/// <param name="stream">The stream.</param>
/// <param name="leavesOpen">Whether the stream belongs to somebody else, who disposes it.</param>
internal sealed class ByteSource(Stream stream, bool leavesOpen) : IAsyncEnumerable<ReadOnlyMemory<byte>>, IAsyncEnumerator<ReadOnlyMemory<byte>>
{
    private CancellationToken _cancellationToken;
    private byte[]? _buffer;
    private bool _isReading;

    /// <summary>Valid until the next read.</summary>
    public ReadOnlyMemory<byte> Current { get; private set; }

    /// <inheritdoc/>
    public IAsyncEnumerator<ReadOnlyMemory<byte>> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        _cancellationToken = cancellationToken;
        return this;
    }

    /// <inheritdoc/>
    public async ValueTask<bool> MoveNextAsync()
    {
        _buffer ??= ArrayPool<byte>.Shared.Rent(StreamLimits.PieceBytes);
        _isReading = true;
        int read = await stream.ReadAsync(_buffer, _cancellationToken).ConfigureAwait(false);
        _isReading = false;
        Current = _buffer.AsMemory(0, read);
        return read > 0;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Current = default;
        if (Interlocked.Exchange(ref _buffer, null) is { } buffer && !_isReading) // a read that has failed may still be writing
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return leavesOpen ? default : stream.DisposeAsync();
    }
}
