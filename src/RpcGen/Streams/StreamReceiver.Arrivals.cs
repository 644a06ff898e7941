namespace RpcGen.Streams;

/// <content>What comes from outside: messages, failures, interruptions.</content>
internal sealed partial class StreamReceiver<TItem>
{
    /// <summary>A message with items has come.</summary>
    /// <param name="firstItem">The number of its first item.</param>
    /// <param name="body">The items.</param>
    /// <param name="isLast">Whether it is the end.</param>
    public void OnMessage(long firstItem, ReadOnlySpan<byte> body, bool isLast)
    {
        ReceiverAction action;
        bool mustWake = false;
        lock (_gate)
        {
            bool hasItems = body.Length > (_items.IsRaw ? 0 : 2); // more than the brackets
            long cost = hasItems ? StreamLimits.CostOf(body.Length) : 0;
            action = _state.OnMessage(cost, isLast);
            if (action == ReceiverAction.Keep)
            {
                _messages.Enqueue(ReceivedMessage.Copy(body, firstItem, cost));
                mustWake = _arrival.TryEnd();
            }
            else if (action.HasFlag(ReceiverAction.Violation))
            {
                _failure = () => _owner.BreaksProtocol("the sender has sent more than it was granted", null);
                mustWake = _arrival.TryEnd();
            }
        }

        Perform(action);
        Wake(mustWake);
    }

    /// <summary>The stream has failed. What was received before is still delivered.</summary>
    /// <param name="failure">Creates the exception when the consumer gets it.</param>
    /// <param name="number">How many items there were before the failure; null if that is not known.</param>
    public void OnEnded(Func<Exception> failure, long? number)
    {
        bool mustWake;
        lock (_gate)
        {
            if (!_state.OnEnded())
            {
                return; // it has ended otherwise
            }

            _failure = failure;
            _failureNumber = number;
            mustWake = _arrival.TryEnd();
        }

        Wake(mustWake);
    }

    /// <summary>Ends the stream at once, without what was received and not taken.</summary>
    /// <param name="exception">What the consumer gets at its next read.</param>
    public void Interrupt(Exception exception) => Interrupt(exception, onlyIfOpen: false);

    /// <summary>The same, unless the end or a failure of the stream has come: that stays to be read.</summary>
    public void InterruptIfOpen(Exception exception) => Interrupt(exception, onlyIfOpen: true);

    private void Interrupt(Exception exception, bool onlyIfOpen)
    {
        ReceiverAction action;
        bool mustWake;
        lock (_gate)
        {
            if (_isOver || (onlyIfOpen && _state.Stage != ReceiverStage.Open))
            {
                return;
            }

            _interruption ??= exception;
            action = _state.OnClosed();
            ReleaseWindow(); // the consumer may never read again
            mustWake = _arrival.TryEnd();
        }

        Perform(action);
        Wake(mustWake);
    }

    private void OnIdle()
    {
        bool isIdle;
        lock (_gate)
        {
            isIdle = _arrival.IsAwaited;
        }

        if (isIdle)
        {
            Interrupt(_owner.IsIdle());
        }
    }

    private void Wake(bool mustWake)
    {
        if (mustWake)
        {
            _arrival.Set();
        }
    }
}
