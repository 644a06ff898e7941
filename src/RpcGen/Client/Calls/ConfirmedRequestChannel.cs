using RpcGen.Client.Confirming;
using RpcGen.Client.Probing;
using RpcGen.Transport;

namespace RpcGen.Client.Calls;

/// <summary>
/// The channel with publisher confirms. Messages get their numbers in the order in which they are handed over: both happen under
/// one lock. No call waits for a confirm. A refusal is reported as an event, and <see cref="StateOf"/> is read when a call
/// times out. Thread-safe.
/// </summary>
internal sealed class ConfirmedRequestChannel : RequestChannel
{
    private readonly IConfirmedChannel _channel;
    private readonly CancellationToken _linkEnded;
    private readonly Action<CorrelationId> _onRefused;
    private readonly ConfirmLedger _ledger = new();
    private readonly Lock _gate = new();

    /// <summary>The last publish that waits, or waited, for the socket. Those after it wait for it.</summary>
    private Task _waiting = Task.CompletedTask;

    /// <param name="channel">The channel, on which nobody else publishes.</param>
    /// <param name="onRefused">Called for each message that a queue refused, on a thread that reads from the broker: must not block.</param>
    /// <param name="linkEnded">Ends publishes that wait for the socket.</param>
    public ConfirmedRequestChannel(IConfirmedChannel channel, Action<CorrelationId> onRefused, CancellationToken linkEnded)
    {
        _channel = channel;
        _onRefused = onRefused;
        _linkEnded = linkEnded;
        channel.Confirmed += OnConfirmed;
    }

    public override bool IsConfirmed => true;

    public override Task<TransportClosure> Closed => _channel.Closed;

    /// <summary>What the broker said about the message with this id, which was published here.</summary>
    public ConfirmState StateOf(CorrelationId id)
    {
        lock (_gate)
        {
            return _ledger.IsUnconfirmed(id.Number) ? ConfirmState.Unconfirmed : ConfirmState.Confirmed;
        }
    }

    public override ValueTask PublishAsync(in OutgoingMessage message)
    {
        lock (_gate)
        {
            if (!_waiting.IsCompleted)
            {
                return new ValueTask(_waiting = PublishAfterAsync(_waiting, message));
            }

            ValueTask sending = Start(in message, out ulong number);
            if (sending.IsCompletedSuccessfully)
            {
                return sending;
            }

            return new ValueTask(_waiting = FinishAsync(sending, number));
        }
    }

    /// <summary>Stops listening.</summary>
    public void End() => _channel.Confirmed -= OnConfirmed;

    private async Task PublishAfterAsync(Task earlier, OutgoingMessage message)
    {
        await earlier.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ValueTask sending;
        ulong number;
        lock (_gate)
        {
            sending = Start(in message, out number);
        }

        await FinishAsync(sending, number).ConfigureAwait(false);
    }

    /// <summary>Numbers a message and hands it over. Used while holding the lock, by one publish after the other.</summary>
    private ValueTask Start(in OutgoingMessage message, out ulong number)
    {
        number = _ledger.Add(message.CorrelationId.Number);
        try
        {
            return _channel.PublishAsync(in message, _linkEnded);
        }
        catch
        {
            _ledger.Undo(number);
            throw;
        }
    }

    private async Task FinishAsync(ValueTask sending, ulong number)
    {
        try
        {
            await sending.ConfigureAwait(false);
        }
        catch
        {
            // Nothing of the message was sent, so the broker gives its number to the next one.
            lock (_gate)
            {
                _ledger.Undo(number);
            }

            throw;
        }
    }

    private void OnConfirmed(PublishConfirm confirm)
    {
        var refused = confirm.IsRefused ? new List<ulong>() : null;
        lock (_gate)
        {
            if (refused is null)
            {
                _ledger.Confirm(confirm.Number, confirm.IsMultiple);
            }
            else
            {
                _ledger.Refuse(confirm.Number, confirm.IsMultiple, refused);
            }
        }

        refused?.ForEach(id => _onRefused(new CorrelationId(id)));
    }
}
