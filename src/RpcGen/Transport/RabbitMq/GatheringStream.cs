using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace RpcGen.Transport.RabbitMq;

/// <summary>
/// A connection's network stream that sends many frames with few system calls. The client library writes frame by frame. A
/// frame that arrives alone is sent at once; frames that follow closely gather in a buffer until a thread pool thread sends
/// them. Reads fetch what has arrived, in larger pieces than the library asks for. As in the library's use, one thread at a
/// time writes, and one reads.
/// </summary>
/// <remarks>
/// <para>Invariant: what gathers is sent in order, because at most one send is in progress (<see cref="_isSending"/>).</para>
/// <list type="table">
/// <listheader><term>State</term><description>Moves</description></listheader>
/// <item><term>idle</term><description>A frame that arrives alone → sending (by its own thread). A frame that follows
/// closely → gathers, sending (by the thread pool).</description></item>
/// <item><term>sending</term><description>A frame → gathers, or waits if the buffer is full. The send ends: nothing has
/// gathered → idle; something has → sending; the send failed → failed. Each of them wakes the writer that waits.</description></item>
/// <item><term>failed</term><description>Final: every write throws.</description></item>
/// </list>
/// </remarks>
internal sealed class GatheringStream(Socket socket) : NetworkStream(socket), IThreadPoolWorkItem
{
    private const int BufferSize = 64 * 1024;

    /// <summary>A frame follows closely if less than 50 µs have passed since the last send.</summary>
    private static readonly long CloselyTicks = TimeProvider.System.TimestampFrequency / 20_000;

    private readonly Lock _gate = new();
    private readonly ReadAhead _read = new(BufferSize);
    private byte[] _gathering = new byte[BufferSize];
    private byte[] _sending = new byte[BufferSize];
    private int _gathered;
    private long _lastSent;
    private bool _isSending;
    private TaskCompletionSource? _bufferFreed;
    private Exception? _failure;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            if (_failure is not null)
            {
                return ValueTask.FromException(Failed());
            }

            if (!Fits(buffer.Length))
            {
                return WriteWhenFreedAsync(buffer, cancellationToken);
            }

            if (_isSending || FollowsClosely())
            {
                Gather(buffer.Span);
                return default;
            }

            BeginSending();
        }

        return SendAloneAsync(buffer);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Writes synchronously. Used only by the TLS handshake, before anything has gathered.</summary>
    public override void Write(ReadOnlySpan<byte> buffer) => WriteAsync(buffer.ToArray()).AsTask().GetAwaiter().GetResult();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_read.HasData)
        {
            return new ValueTask<int>(_read.Take(buffer.Span));
        }

        bool isWaitForData = buffer.Length == 0;
        bool isLarge = buffer.Length >= BufferSize;
        if (isWaitForData || isLarge)
        {
            return base.ReadAsync(buffer, cancellationToken);
        }

        ValueTask<int> reading = base.ReadAsync(_read.Buffer, cancellationToken);
        return reading.IsCompletedSuccessfully ? new ValueTask<int>(TakeRead(reading.Result, buffer)) : AwaitReadAsync(reading, buffer);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    void IThreadPoolWorkItem.Execute() => _ = SendGatheredAsync();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> AwaitReadAsync(ValueTask<int> reading, Memory<byte> buffer) =>
        TakeRead(await reading.ConfigureAwait(false), buffer);

    private int TakeRead(int count, Memory<byte> buffer)
    {
        _read.Fill(count);
        return _read.Take(buffer.Span);
    }

    private bool Fits(int length) => _gathered + length <= BufferSize;

    private bool FollowsClosely() => TimeProvider.System.GetTimestamp() - _lastSent <= CloselyTicks;

    private IOException Failed() => new(_failure!.Message, _failure);

    private void BeginSending()
    {
        Debug.Assert(!_isSending && _gathered == 0, "A frame sent alone must not overtake another.");
        _isSending = true;
    }

    private void Gather(ReadOnlySpan<byte> buffer)
    {
        buffer.CopyTo(_gathering.AsSpan(_gathered));
        _gathered += buffer.Length;
        if (!_isSending)
        {
            _isSending = true;
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    private ValueTask SendAloneAsync(ReadOnlyMemory<byte> buffer)
    {
        // Not cancelled with its writer: half a frame would break the connection.
        ValueTask sending = base.WriteAsync(buffer);
        if (!sending.IsCompletedSuccessfully)
        {
            return AwaitAloneAsync(sending);
        }

        EndSending(failure: null);
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

        EndSending(failure: null);
    }

    /// <summary>A frame was sent alone. Frames that gathered meanwhile are left to the thread pool.</summary>
    private void EndSending(Exception? failure)
    {
        TaskCompletionSource? freed = null;
        lock (_gate)
        {
            Debug.Assert(_isSending, "Only the sender ends the send.");
            _lastSent = TimeProvider.System.GetTimestamp();
            _failure = failure;
            _isSending = _gathered > 0 && failure is null;
            if (_isSending)
            {
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            }
            else
            {
                (freed, _bufferFreed) = (_bufferFreed, null);
            }
        }

        freed?.TrySetResult();
    }

    private async Task SendGatheredAsync()
    {
        Exception? failure = null;
        while (TakeGathered(failure) is { Length: > 0 } gathered)
        {
            try
            {
                await base.WriteAsync(gathered).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // Any exception: the library's next write throws it, and its reader sees the end of the connection.
            catch (Exception e)
#pragma warning restore CA1031
            {
                failure = e;
            }
        }
    }

    /// <summary>Swaps the buffers and returns what has gathered. Returns nothing, and ends the send, if nothing has or a send failed.</summary>
    private ReadOnlyMemory<byte> TakeGathered(Exception? failure)
    {
        TaskCompletionSource? freed;
        ReadOnlyMemory<byte> gathered;
        lock (_gate)
        {
            Debug.Assert(_isSending, "Only the sender takes what has gathered.");
            (_gathering, _sending) = (_sending, _gathering);
            gathered = failure is null ? _sending.AsMemory(0, _gathered) : default;
            _gathered = 0;
            _failure = failure;
            _isSending = gathered.Length > 0;
            _lastSent = TimeProvider.System.GetTimestamp();
            (freed, _bufferFreed) = (_bufferFreed, null);
        }

        freed?.TrySetResult();
        return gathered;
    }

    /// <summary>Waits until the buffer has room, or until nothing is being sent: a write larger than the buffer is sent alone.</summary>
    private async ValueTask WriteWhenFreedAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task freed;
            lock (_gate)
            {
                if (_failure is not null)
                {
                    throw Failed();
                }

                if (!_isSending)
                {
                    BeginSending();
                    break;
                }

                if (Fits(buffer.Length))
                {
                    Gather(buffer.Span);
                    return;
                }

                _bufferFreed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                freed = _bufferFreed.Task;
            }

            await freed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        await SendAloneAsync(buffer).ConfigureAwait(false);
    }
}
