using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Server;

/// <summary>
/// The replies to the calls of one batch. Those that are ready at the same time share a message; none waits for a call that
/// takes longer. Once every call has its reply sent, the delivery ends. Thread-safe.
/// </summary>
internal sealed class BatchReplies(ReplySender sender, DeliveryLedger ledger, CallScheduler scheduler, Delivery delivery, CorrelationId id, int calls)
{
    /// <summary>A message with replies grows no further than this; a larger reply travels by itself.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>How often a worker that finds nothing else to do lets others end a call first.</summary>
    private const int MaxWaits = 3;

    private readonly Lock _gate = new();
    private PooledBuffer _filling = new();
    private PooledBuffer _sending = new();
    private int _unended = calls;
    private int _waits;
    private bool _isListed;
    private bool _isSending;
    private bool _isKept;
    private bool _isEnded;

    /// <summary>Adds the reply of a call, which is sent soon.</summary>
    /// <param name="call">The call with its reply.</param>
    /// <param name="disposition">How it ended.</param>
    /// <param name="slowness">How many milliseconds its handler took, if that is worth telling.</param>
    public void Add(ServerCall call, Disposition disposition, long slowness)
    {
        bool isFull;
        bool isNew;
        lock (_gate)
        {
            BatchWriter.WriteReply(_filling, call.Id, call.Reply.Written.Span, disposition == Disposition.Faulted, slowness);
            isFull = _filling.Length >= MaxBytes;
            isNew = !_isListed;
            _isListed = true;
            _waits = 0;
        }

        if (isFull)
        {
            _ = SendAsync();
        }
        else if (isNew)
        {
            scheduler.AddUnsent(this);
        }
    }

    /// <summary>A call has ended, its reply is added; without <paramref name="isDone"/> the broker keeps the message.</summary>
    public void EndCall(bool isDone)
    {
        bool isLast;
        lock (_gate)
        {
            _isKept |= !isDone;
            isLast = --_unended == 0;
        }

        if (isLast)
        {
            _ = SendAsync();
        }
    }

    /// <summary>For a worker that has nothing else to do: whether more replies are about to come.</summary>
    public bool IsWorthWaiting()
    {
        lock (_gate)
        {
            return _unended > 0 && _filling.Length > 0 && _waits++ < MaxWaits;
        }
    }

    /// <summary>Sends what is there, unless another thread is about to; after the last one ends the delivery. Never throws.</summary>
    public async Task SendAsync()
    {
        while (TryTake(out ReadOnlyMemory<byte> body))
        {
            bool isSent = await sender.SendBatchAsync(delivery.ReplyTo!, id, body).ConfigureAwait(false);
            lock (_gate)
            {
                _isKept |= !isSent;
                _isSending = false;
                _sending.Release();
            }
        }
    }

    private bool TryTake(out ReadOnlyMemory<byte> body)
    {
        body = default;
        lock (_gate)
        {
            if (_isSending)
            {
                return false;
            }

            _isListed = false;
            if (_filling.Length > 0)
            {
                _isSending = true;
                (_filling, _sending) = (_sending, _filling);
                BatchWriter.End(_sending);
                body = _sending.Written;
                return true;
            }

            if (_unended > 0 || _isEnded)
            {
                return false;
            }

            _isEnded = true;
        }

        ledger.End(delivery, acknowledge: !_isKept);
        ledger.Flush();
        return false;
    }
}
