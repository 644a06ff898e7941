using System.Diagnostics;
using RpcGen.Diagnostics;
using RpcGen.Protocol;
using RpcGen.Server.Acknowledging;
using RpcGen.Transport;

namespace RpcGen.Server.Replying;

/// <summary>
/// The replies to the calls of one batch. Replies that are ready at the same time share a message. No reply waits for a
/// slower call. After the last reply is sent, the delivery ends. Thread-safe.
/// </summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Move</term><description>Cause</description></listheader>
/// <item><term>empty → queued</term><description>A reply is added: a worker sends it once it has no call to start.</description></item>
/// <item><term>queued → sending</term><description>A worker is free, the buffer is full, or the last call has ended.</description></item>
/// <item><term>sending → sending</term><description>Replies were added meanwhile: the thread that sends takes them too.</description></item>
/// <item><term>sending → empty</term><description>Nothing was added meanwhile, and calls still run.</description></item>
/// <item><term>empty: request not needed</term><description>All calls that run are detached, and all others are answered: the delivery is acknowledged before it ends.</description></item>
/// <item><term>sending, empty → ended</term><description>All calls have ended and nothing is left to send. Final: the delivery is acknowledged, or kept if any reply could not be sent.</description></item>
/// </list>
/// </remarks>
/// <param name="sender">Sends the messages.</param>
/// <param name="acks">Where the delivery ends.</param>
/// <param name="queue">Makes workers send the replies.</param>
/// <param name="time">The clock.</param>
/// <param name="delivery">The delivery that the batch came in.</param>
/// <param name="id">The batch's <c>correlation_id</c>.</param>
/// <param name="calls">How many calls the batch has.</param>
internal sealed class BatchReplies(
    ReplySender sender, AckTracker acks, IGatheredReplyQueue queue, TimeProvider time, Delivery delivery, CorrelationId id, int calls) : IReplyWriter, IGatheredReplies
{
    /// <summary>A message with this many bytes of replies is full. A single reply of this size travels alone.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>About the bytes of an entry without its body.</summary>
    private const int EntryOverhead = 32;

    /// <summary>How often in a row a free worker waits for another call to end.</summary>
    private const int MaxWaits = 3;

    private readonly Lock _gate = new();
    private PooledBuffer _filling = new();
    private PooledBuffer _sending = new();
    private int _unended = calls;
    private int _detached;
    private int _waits;
    private bool _isQueued;
    private bool _isSending;
    private bool _mustKeep;
    private bool _isEnded;

    public ValueTask<bool> WriteAsync(in CallReply reply)
    {
        TimeSpan handlerTime = BatchAdvice.HandlerTime(reply.StartedAt, time);
        if (reply.Body.Length < sender.MaxBatchBytes && reply.Headers is null)
        {
            Add(in reply, BatchAdvice.SlownessOf(handlerTime));
            return ValueTask.FromResult(true);
        }

        using (RpcTracing.Enter(reply.Span))
        {
            return sender.SendAsync(in reply, BatchAdvice.HintFor(handlerTime));
        }
    }

    public Task FlushAsync() => SendAsync();

    public void Detach(Delivery held)
    {
        Debug.Assert(ReferenceEquals(held, delivery), "The calls of a batch share one delivery.");
        lock (_gate)
        {
            _detached++;
            AcknowledgeIfUnneeded();
        }
    }

    public void EndCall(Delivery ended, bool acknowledge, bool wasDetached = false)
    {
        Debug.Assert(ReferenceEquals(ended, delivery), "The calls of a batch share one delivery.");
        bool isLast;
        lock (_gate)
        {
            Debug.Assert(_unended > 0, "Each call of the batch ends once.");
            _mustKeep |= !acknowledge;
            _detached -= wasDetached ? 1 : 0;
            isLast = --_unended == 0;
            AcknowledgeIfUnneeded();
        }

        if (isLast)
        {
            _ = SendAsync();
        }
    }

    public bool IsWorthWaiting()
    {
        lock (_gate)
        {
            return _unended > 0 && _filling.Length > 0 && _waits++ < MaxWaits;
        }
    }

    /// <summary>Sends what is gathered, unless another thread is sending; after the last reply it ends the delivery. Never throws.</summary>
    public async Task SendAsync()
    {
        while (TryTake(out ReadOnlyMemory<byte> body))
        {
            bool isSent = await sender.SendBatchAsync(delivery.ReplyTo!, id, body).ConfigureAwait(false);
            lock (_gate)
            {
                Debug.Assert(_isSending && !_isEnded, "Only the thread that took the replies puts the buffer back.");
                _mustKeep |= !isSent;
                _isSending = false;
                _sending.Release();
            }
        }
    }

    private void Add(in CallReply reply, long slowness)
    {
        bool isFull;
        bool isNew;
        lock (_gate)
        {
            Debug.Assert(_unended > 0 && !_isEnded, "A call writes its reply before it ends.");
            if (_filling.Length == 0)
            {
                // Once instead of bit by bit: replies of a batch are often alike.
                _filling.GetSpan(Math.Min(_unended * (reply.Body.Length + EntryOverhead), sender.MaxBatchBytes + EntryOverhead));
            }

            BatchWriter.WriteReply(_filling, reply.Id, reply.Body.Span, reply.IsFault, slowness);
            isFull = _filling.Length >= sender.MaxBatchBytes;
            isNew = !_isQueued;
            _isQueued = true;
            _waits = 0;
        }

        if (isFull)
        {
            _ = SendAsync();
        }
        else if (isNew)
        {
            queue.Add(this);
        }
    }

    /// <summary>Acknowledges the delivery if only detached calls are left. Called under the lock, so that the delivery does not end meanwhile.</summary>
    private void AcknowledgeIfUnneeded()
    {
        if (_detached > 0 && _detached == _unended && !_mustKeep && !_isSending && _filling.Length == 0)
        {
            acks.MakeDueEarly(delivery);
            acks.Flush();
        }
    }

    /// <summary>Takes the gathered replies to send them. If nothing is left to come, it ends the delivery.</summary>
    private bool TryTake(out ReadOnlyMemory<byte> body)
    {
        body = default;
        lock (_gate)
        {
            if (_isSending)
            {
                return false;
            }

            _isQueued = false;
            if (_filling.Length > 0)
            {
                _isSending = true;
                (_filling, _sending) = (_sending, _filling);
                body = _sending.Written;
                return true;
            }

            AcknowledgeIfUnneeded();
            if (_unended > 0 || _isEnded)
            {
                return false;
            }

            _isEnded = true;
        }

        acks.End(delivery, acknowledge: !_mustKeep);
        acks.Flush();
        return false;
    }
}
