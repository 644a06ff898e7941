namespace RpcGen.Transport.RabbitMq;

/// <summary>The messages of a channel for which the broker's word is due, by the number that it counts them by.</summary>
internal sealed class Confirmations
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, Confirmation> _bySequence = [];
    private readonly Dictionary<ulong, ulong> _returnable = [];

    // No smaller number is left.
    private ulong _floor = 1;
    private Func<Exception>? _end;

    /// <summary>Expects the broker's word. Once ended, the task has failed already.</summary>
    public Task<PublishOutcome> Expect(ulong sequence, ulong returnId)
    {
        var told = new TaskCompletionSource<PublishOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_end is not null)
            {
                Fail(told, _end());
                return told.Task;
            }

            _bySequence.Add(sequence, new Confirmation(told, returnId));
            if (returnId != 0)
            {
                _returnable[returnId] = sequence;
            }
        }

        return told.Task;
    }

    /// <summary>Expects it no longer: the message was not sent, and its number is the next one's.</summary>
    public void Forget(ulong sequence)
    {
        lock (_gate)
        {
            Take(sequence, out _);
        }
    }

    /// <summary>A message came back. The broker confirms it all the same, afterwards.</summary>
    public void Return(string? correlationId, string reason)
    {
        lock (_gate)
        {
            if (CorrelationId.TryParseNumber(correlationId, out ulong id) && _returnable.TryGetValue(id, out ulong sequence))
            {
                _bySequence[sequence].Told.TrySetResult(new PublishOutcome(PublishResult.Returned, reason));
            }
        }
    }

    /// <summary>The broker's word on one message or, with <paramref name="multiple"/>, also on all earlier ones.</summary>
    public void Settle(ulong sequence, bool multiple, PublishResult result)
    {
        lock (_gate)
        {
            for (; multiple && _floor < sequence; _floor++)
            {
                Tell(_floor, result);
            }

            Tell(sequence, result);
        }
    }

    /// <summary>The channel is gone: the broker will say no more.</summary>
    public void End(Func<Exception> reason)
    {
        lock (_gate)
        {
            _end = reason;
            foreach (Confirmation confirmation in _bySequence.Values)
            {
                Fail(confirmation.Told, reason());
            }

            _bySequence.Clear();
            _returnable.Clear();
        }
    }

    private static void Fail(TaskCompletionSource<PublishOutcome> told, Exception exception)
    {
        if (told.TrySetException(exception))
        {
            _ = told.Task.Exception; // observed: whoever waited may have given up
        }
    }

    private void Tell(ulong sequence, PublishResult result)
    {
        if (Take(sequence, out Confirmation confirmation))
        {
            confirmation.Told.TrySetResult(new PublishOutcome(result));
        }
    }

    private bool Take(ulong sequence, out Confirmation confirmation)
    {
        if (!_bySequence.Remove(sequence, out confirmation))
        {
            return false;
        }

        if (confirmation.ReturnId != 0)
        {
            _returnable.Remove(confirmation.ReturnId);
        }

        return true;
    }

    private readonly record struct Confirmation(TaskCompletionSource<PublishOutcome> Told, ulong ReturnId);
}
