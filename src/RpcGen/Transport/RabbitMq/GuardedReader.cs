using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace RpcGen.Transport.RabbitMq;

/// <summary>
/// Reads a connection's stream for the client library: in large pieces, and only what a <see cref="FrameGuard"/> has checked.
/// One thread at a time reads.
/// </summary>
/// <remarks>The buffer holds three areas: checked octets that the library has not yet read, octets that the guard holds back, free space.</remarks>
/// <param name="source">The network stream, or the TLS stream above it.</param>
internal sealed class GuardedReader(Stream source)
{
    private const int BufferSize = 64 * 1024;

    private readonly FrameGuard _guard = new();
    private readonly byte[] _usualBuffer = new byte[BufferSize];
    private byte[]? _largeBuffer;
    private int _read;
    private int _checked;
    private int _received;
    private long _total;

    /// <summary>How many octets have arrived. Any thread can read it.</summary>
    public long TotalReceived => Volatile.Read(ref _total);

    private byte[] Buffer => _largeBuffer ?? _usualBuffer;

    /// <summary>Reads octets into a buffer as soon as checked ones are available. Reading into an empty buffer waits for them.</summary>
    /// <returns>How many octets were read; 0 at the end of the stream.</returns>
    /// <exception cref="EndOfStreamException">
    /// The stream ended inside a frame. The library does not notice that: it would look for the rest of the frame in a busy loop.
    /// </exception>
    public ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        while (_read == _checked)
        {
            ValueTask<int> receiving = source.ReadAsync(PrepareSpace(), cancellationToken);
            if (!receiving.IsCompletedSuccessfully)
            {
                return ReadWhenReceivedAsync(receiving, destination, cancellationToken);
            }

            if (!OnReceived(receiving.Result))
            {
                return new ValueTask<int>(0);
            }
        }

        return new ValueTask<int>(Take(destination.Span));
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReadWhenReceivedAsync(ValueTask<int> receiving, Memory<byte> destination, CancellationToken cancellationToken)
    {
        while (OnReceived(await receiving.ConfigureAwait(false)))
        {
            if (_read < _checked)
            {
                return Take(destination.Span);
            }

            receiving = source.ReadAsync(PrepareSpace(), cancellationToken);
        }

        return 0;
    }

    /// <summary>Checks what has arrived; false at the end of the stream.</summary>
    private bool OnReceived(int count)
    {
        if (count == 0)
        {
            bool isInsideFrame = _guard.IsInsideFrame || _received > _checked;
            return isInsideFrame ? throw new EndOfStreamException("The connection ended inside a frame.") : false;
        }

        Volatile.Write(ref _total, _total + count);
        _received += count;
        _checked += _guard.Check(Buffer.AsSpan(_checked, _received - _checked));
        return true;
    }

    private int Take(Span<byte> destination)
    {
        int count = Math.Min(destination.Length, _checked - _read);
        Buffer.AsSpan(_read, count).CopyTo(destination);
        _read += count;
        return count;
    }

    /// <summary>Moves the octets that are held back to the start of a buffer that has room for all the guard needs.</summary>
    private Memory<byte> PrepareSpace()
    {
        Debug.Assert(_read == _checked, "The library has read all that is checked.");
        byte[] from = Buffer;
        _largeBuffer = _guard.RequiredBytes <= BufferSize ? null
            : _largeBuffer?.Length >= _guard.RequiredBytes ? _largeBuffer
            : new byte[_guard.RequiredBytes];
        byte[] to = Buffer;
        if (_checked > 0 || from != to)
        {
            from.AsSpan(_checked, _received - _checked).CopyTo(to);
        }

        _received -= _checked;
        _read = _checked = 0;
        Debug.Assert(_received < to.Length, "The guard holds back less than it needs.");
        return to.AsMemory(_received);
    }
}
