using System.Diagnostics;

namespace RpcGen.Transport.RabbitMq;

/// <summary>
/// The published messages of a channel that wait for their publisher confirm, by sequence number. Thread-safe.
/// </summary>
/// <remarks>
/// A message moves once: pending → confirmed, refused or returned; or pending → failed, if the channel closes. A returned
/// message stays in the table, already completed, until the broker's confirm removes it.
/// </remarks>
internal sealed class PublisherConfirms
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, PendingMessage> _bySequence = [];

    /// <summary>Sequence numbers of mandatory messages, by correlation id. A returned message carries no sequence number.</summary>
    private readonly Dictionary<ulong, ulong> _sequenceByReturnId = [];

    /// <summary>No smaller number is pending.</summary>
    private ulong _oldest = 1;

    private Func<Exception>? _closed;

    /// <summary>Registers a message before it is sent. If the channel has closed, the task has already failed.</summary>
    /// <param name="sequence">The message's sequence number: the broker counts the messages of a channel from 1.</param>
    /// <param name="returnId">The correlation id of a mandatory message; 0 for any other.</param>
    public Task<PublishOutcome> Add(ulong sequence, ulong returnId)
    {
        var outcome = new TaskCompletionSource<PublishOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_closed is not null)
            {
                Fail(outcome, _closed());
                return outcome.Task;
            }

            Debug.Assert(sequence >= _oldest, "Numbers grow, except that one whose message was not sent is used again.");
            _bySequence.Add(sequence, new PendingMessage(outcome, returnId));
            if (returnId != 0)
            {
                _sequenceByReturnId[returnId] = sequence;
            }
        }

        return outcome.Task;
    }

    /// <summary>Removes a message that was not sent. The next message gets its number.</summary>
    public void Remove(ulong sequence)
    {
        lock (_gate)
        {
            TryRemove(sequence, out _);
        }
    }

    /// <summary>The broker returned a message. It will confirm it as well, later.</summary>
    public void Return(string? correlationId, string reason)
    {
        lock (_gate)
        {
            if (CorrelationId.TryParseNumber(correlationId, out ulong id) && _sequenceByReturnId.TryGetValue(id, out ulong sequence))
            {
                _bySequence[sequence].Outcome.TrySetResult(new PublishOutcome(PublishResult.Returned, reason));
            }
        }
    }

    /// <summary>The broker confirmed or refused a message; with <paramref name="multiple"/>, all earlier ones as well.</summary>
    public void Complete(ulong sequence, bool multiple, PublishResult result)
    {
        Debug.Assert(result != PublishResult.Returned, "Confirms do not return messages.");
        lock (_gate)
        {
            for (; multiple && _oldest < sequence; _oldest++)
            {
                CompleteOne(_oldest, result);
            }

            CompleteOne(sequence, result);
        }
    }

    /// <summary>The channel has closed: fails everything that is pending or added later.</summary>
    public void Close(Func<Exception> createException)
    {
        lock (_gate)
        {
            _closed = createException;
            foreach (PendingMessage pending in _bySequence.Values)
            {
                Fail(pending.Outcome, createException());
            }

            _bySequence.Clear();
            _sequenceByReturnId.Clear();
        }
    }

    private static void Fail(TaskCompletionSource<PublishOutcome> outcome, Exception exception)
    {
        if (outcome.TrySetException(exception))
        {
            _ = outcome.Task.Exception; // marks it as observed: a cancelled caller no longer awaits it
        }
    }

    private void CompleteOne(ulong sequence, PublishResult result)
    {
        if (TryRemove(sequence, out PendingMessage pending))
        {
            pending.Outcome.TrySetResult(new PublishOutcome(result)); // false if the message was returned before
        }
    }

    private bool TryRemove(ulong sequence, out PendingMessage pending)
    {
        if (!_bySequence.Remove(sequence, out pending))
        {
            return false;
        }

        if (pending.ReturnId != 0)
        {
            _sequenceByReturnId.Remove(pending.ReturnId);
        }

        return true;
    }

    private readonly record struct PendingMessage(TaskCompletionSource<PublishOutcome> Outcome, ulong ReturnId);
}
