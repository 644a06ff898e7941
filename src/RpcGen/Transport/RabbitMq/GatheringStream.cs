using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace RpcGen.Transport.RabbitMq;

/// <summary>
/// A connection's stream that makes few system calls of many frames. The client library writes frame by frame: a frame that
/// comes alone is sent at once, those that follow closely gather until a thread is free to send them. Reads go
/// through a <see cref="GuardedReader"/>. As the library has it, one thread at a time writes, and one reads.
/// </summary>
/// <param name="socket">The connected socket.</param>
/// <param name="wire">The stream that carries the octets: the socket's, or a TLS stream above it. Disposed with this stream.</param>
internal sealed class GatheringStream(Socket socket, Stream wire) : NetworkStream(socket), IThreadPoolWorkItem
{
    private const int BufferSize = 64 * 1024;

    /// <summary>Frames that follow each other within this time are worth gathering.</summary>
    private static readonly long Closely = TimeProvider.System.TimestampFrequency / 20_000;

    private readonly Lock _gate = new();
    private readonly GuardedReader _reader = new(wire);
    private byte[] _filling = new byte[BufferSize];
    private byte[] _sending = new byte[BufferSize];
    private int _filled;
    private long _lastSent;
    private bool _isSending;
    private TaskCompletionSource? _drained;
    private Exception? _failure;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        bool isAlone;
        lock (_gate)
        {
            if (_failure is { } failure)
            {
                return ValueTask.FromException(new IOException(failure.Message, failure));
            }

            if (_filled + buffer.Length > BufferSize)
            {
                return WriteWhenDrainedAsync(buffer, cancellationToken);
            }

            isAlone = !_isSending && TimeProvider.System.GetTimestamp() - _lastSent > Closely;
            if (!isAlone)
            {
                Gather(buffer.Span);
                return default;
            }

            _isSending = true;
        }

        return SendAloneAsync(buffer);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(ReadOnlySpan<byte> buffer) => throw SynchronousUse();

    public override void Write(byte[] buffer, int offset, int count) => throw SynchronousUse();

    public override int Read(Span<byte> buffer) => throw SynchronousUse();

    public override int Read(byte[] buffer, int offset, int count) => throw SynchronousUse();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _reader.ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    void IThreadPoolWorkItem.Execute() => _ = SendGatheredAsync();

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            wire.Dispose();
        }
    }

    /// <summary>The client library only reads and writes asynchronously. A synchronous read would bypass the guard.</summary>
    private static NotSupportedException SynchronousUse() => new("The stream is used asynchronously only.");

    private void Gather(ReadOnlySpan<byte> buffer)
    {
        buffer.CopyTo(_filling.AsSpan(_filled));
        _filled += buffer.Length;
        if (!_isSending)
        {
            _isSending = true;
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    private ValueTask SendAloneAsync(ReadOnlyMemory<byte> buffer)
    {
        ValueTask sending = wire.WriteAsync(buffer);
        if (!sending.IsCompletedSuccessfully)
        {
            return AwaitAloneAsync(sending);
        }

        EndSending(null);
        return default;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask AwaitAloneAsync(ValueTask sending)
    {
        try
        {
            await sending.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            EndSending(e);
            throw;
        }

        EndSending(null);
    }

    /// <summary>What gathered in the meantime goes to another thread.</summary>
    private void EndSending(Exception? failure)
    {
        TaskCompletionSource? drained;
        lock (_gate)
        {
            _lastSent = TimeProvider.System.GetTimestamp();
            _failure = failure;
            _isSending = _filled > 0 && failure is null;
            drained = _isSending ? null : _drained;
            if (_isSending)
            {
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            }
            else
            {
                _drained = null;
            }
        }

        drained?.TrySetResult();
    }

    private async Task SendGatheredAsync()
    {
        Exception? failure = null;
        while (TakeGathered(failure) is { Length: > 0 } gathered)
        {
            try
            {
                await wire.WriteAsync(gathered).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // Whatever it is, the library's next write gets it; its reader sees the connection end by itself.
            catch (Exception e)
#pragma warning restore CA1031
            {
                failure = e;
            }
        }
    }

    private ReadOnlyMemory<byte> TakeGathered(Exception? failure)
    {
        TaskCompletionSource? drained;
        ReadOnlyMemory<byte> gathered;
        lock (_gate)
        {
            (_filling, _sending) = (_sending, _filling);
            gathered = failure is null ? _sending.AsMemory(0, _filled) : default;
            _filled = 0;
            _failure = failure;
            _isSending = gathered.Length > 0;
            _lastSent = TimeProvider.System.GetTimestamp();
            drained = _drained;
            _drained = null;
        }

        drained?.TrySetResult();
        return gathered;
    }

    /// <summary>Nothing overtakes: what has gathered is sent first, and what is larger than the buffer goes by itself.</summary>
    private async ValueTask WriteWhenDrainedAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task drained;
            lock (_gate)
            {
                if (_failure is { } failure)
                {
                    throw new IOException(failure.Message, failure);
                }

                if (!_isSending)
                {
                    _isSending = true; // nothing has gathered then
                    break;
                }

                if (_filled + buffer.Length <= BufferSize)
                {
                    Gather(buffer.Span);
                    return;
                }

                _drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                drained = _drained.Task;
            }

            await drained.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        await SendAloneAsync(buffer).ConfigureAwait(false);
    }
}
