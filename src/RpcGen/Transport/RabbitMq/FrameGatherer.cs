using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace RpcGen.Transport.RabbitMq;

/// <summary>
/// Sends many frames with few system calls. A frame that arrives alone is sent at once; frames that follow closely gather in
/// a buffer until a thread pool thread sends them. One thread at a time writes.
/// </summary>
/// <remarks>
/// <para>Invariant: nothing is overtaken, because at most one send is in progress (<see cref="_isSending"/>).</para>
/// <list type="table">
/// <listheader><term>State</term><description>Moves</description></listheader>
/// <item><term>idle</term><description>A frame that arrives alone → sending, by its own thread. A frame that follows
/// closely → gathers, sending by the thread pool.</description></item>
/// <item><term>sending</term><description>A frame → gathers, or waits if the buffer is full. The send ends: nothing has
/// gathered → idle; something has → sending; the send failed → failed. The thread that ends a send wakes the writer that waits,
/// unless it leaves what has gathered to the thread pool.</description></item>
/// <item><term>failed</term><description>Final: every write throws.</description></item>
/// </list>
/// </remarks>
/// <param name="send">Sends bytes.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class FrameGatherer(Func<ReadOnlyMemory<byte>, ValueTask> send, TimeProvider timeProvider) : IThreadPoolWorkItem
{
    /// <summary>The size of the buffer in bytes.</summary>
    public const int BufferSize = 64 * 1024;

    /// <summary>A frame follows closely if at most 50 µs have passed since the last send.</summary>
    private readonly long _closelyTicks = timeProvider.TimestampFrequency / 20_000;

    private readonly Lock _gate = new();
    private byte[] _gathering = new byte[BufferSize];
    private byte[] _sending = new byte[BufferSize];
    private int _gathered;
    private long _lastSent = long.MinValue / 2;
    private bool _isSending;
    private TaskCompletionSource? _bufferFreed;
    private Exception? _failure;

    /// <summary>Sends a frame, or lets it gather. Completes when the caller can reuse its buffer.</summary>
    /// <exception cref="IOException">A send has failed.</exception>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_failure is not null)
            {
                return ValueTask.FromException(Failed());
            }

            if (!Fits(frame.Length))
            {
                return WriteWhenFreedAsync(frame, cancellationToken);
            }

            if (_isSending || FollowsClosely())
            {
                Gather(frame.Span);
                return default;
            }

            BeginSending();
        }

        return SendAloneAsync(frame);
    }

    void IThreadPoolWorkItem.Execute() => _ = SendGatheredAsync();

    private bool Fits(int length) => _gathered + length <= BufferSize;

    private bool FollowsClosely() => timeProvider.GetTimestamp() - _lastSent <= _closelyTicks;

    private IOException Failed() => new(_failure!.Message, _failure);

    private void BeginSending()
    {
        Debug.Assert(!_isSending && _gathered == 0, "A frame sent alone must not overtake another.");
        _isSending = true;
    }

    private void Gather(ReadOnlySpan<byte> frame)
    {
        frame.CopyTo(_gathering.AsSpan(_gathered));
        _gathered += frame.Length;
        if (!_isSending)
        {
            _isSending = true;
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>Sends a frame without copying it. It cannot be cancelled: half a frame would break the connection.</summary>
    private ValueTask SendAloneAsync(ReadOnlyMemory<byte> frame)
    {
        ValueTask sending = send(frame);
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
            _lastSent = timeProvider.GetTimestamp();
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
                await send(gathered).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // Any exception: the next write throws it, and the reader sees the end of the connection.
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
            _lastSent = timeProvider.GetTimestamp();
            (freed, _bufferFreed) = (_bufferFreed, null);
        }

        freed?.TrySetResult();
        return gathered;
    }

    /// <summary>Waits until the buffer has room, or until nothing is being sent: a write larger than the buffer is sent alone.</summary>
    private async ValueTask WriteWhenFreedAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellationToken)
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

                if (Fits(frame.Length))
                {
                    Gather(frame.Span);
                    return;
                }

                _bufferFreed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                freed = _bufferFreed.Task;
            }

            await freed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        await SendAloneAsync(frame).ConfigureAwait(false);
    }
}
