using System.Runtime.CompilerServices;
using System.Text.Json;
using RpcGen.Generated;
using RpcGen.Protocol;

namespace RpcGen.Streams;

/// <summary>
/// Receives the items of one stream. Messages are kept as bytes, and items are read from them one at a time on the consumer's thread, so
/// that the memory is the window. Thread-safe; one consumer.
/// </summary>
internal sealed partial class StreamReceiver<TItem> : IDisposable
{
    private readonly RpcItems<TItem> _items;
    private readonly IStreamReceiverOwner _owner;
    private readonly StreamBudget _budget;
    private readonly ReceiverState _state;
    private readonly Lock _gate = new();
    private readonly Queue<ReceivedMessage> _messages = new();
    private readonly StreamItemReader<TItem> _reader;
    private readonly ArrivalSignal _arrival;
    private bool _isOver;
    private bool _hasWindow = true;
    private long? _failureNumber;
    private Func<Exception>? _failure;
    private Exception? _interruption;

    /// <param name="items">The items and their limits.</param>
    /// <param name="owner">The call.</param>
    /// <param name="budget">The memory of all streams.</param>
    /// <param name="time">The clock.</param>
    public StreamReceiver(RpcItems<TItem> items, IStreamReceiverOwner owner, StreamBudget budget, TimeProvider time)
    {
        _items = items;
        _owner = owner;
        _budget = budget;
        _state = new ReceiverState(budget.Take(items.WindowBytes), items.WindowItems);
        _reader = StreamItemReader<TItem>.Create(items);
        _arrival = new ArrivalSignal(time, TimeSpan.FromMilliseconds(items.IdleTimeoutMilliseconds), OnIdle);
    }

    /// <summary>What the sender can send before the first grant, in bytes.</summary>
    public long Window => _state.Window;

    /// <summary>How many items the consumer has taken.</summary>
    public long TakenItems => _state.TakenItems;

    /// <summary>The item that the consumer has taken last.</summary>
    public TItem Current => _reader.Current!;

    /// <summary>Whether neither the end nor a failure has come.</summary>
    public bool IsOpen
    {
        get
        {
            lock (_gate)
            {
                return _state.Stage == ReceiverStage.Open;
            }
        }
    }

    /// <summary>Takes the next item. False at the end.</summary>
    public ValueTask<bool> MoveNextAsync() => TryTake(out bool hasItem) ? new ValueTask<bool>(hasItem) : WaitAndTakeAsync();

    /// <summary>The consumer wants no more. Must not be called while <see cref="MoveNextAsync"/> runs.</summary>
    public void Dispose()
    {
        ReceiverAction action;
        lock (_gate)
        {
            if (_isOver)
            {
                return;
            }

            action = _state.OnClosed();
        }

        Perform(action);
        End(failure: null);
    }

    /// <summary>What numbers count.</summary>
    private string Unit => _items.IsRaw ? "byte" : "item";

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> WaitAndTakeAsync()
    {
        bool hasItem;
        do
        {
            await WaitAsync().ConfigureAwait(false);
        }
        while (!TryTake(out hasItem));
        return hasItem;
    }

    /// <summary>Takes the next item, or learns of the end. False if nothing is known yet.</summary>
    private bool TryTake(out bool hasItem)
    {
        hasItem = false;
        while (true)
        {
            if (_isOver)
            {
                return true;
            }

            if (Volatile.Read(ref _interruption) is { } interruption)
            {
                throw End(interruption)!;
            }

            if (_reader.IsInMessage)
            {
                if (TryRead())
                {
                    hasItem = true;
                    return true;
                }
            }
            else if (!TryBeginMessage(out bool isOver))
            {
                return isOver;
            }
        }
    }

    /// <summary>Reads an item of the current message. False at its end.</summary>
    private bool TryRead()
    {
        bool hasItem;
        try
        {
            hasItem = _reader.TryRead();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NotSupportedException or ArgumentException or FormatException)
        {
            throw Violate($"item {_state.TakenItems} cannot be read: {e.Message}", e);
        }

        ReceiverAction action;
        lock (_gate)
        {
            action = hasItem ? _state.OnItemTaken(_reader.Count) : _state.OnConsumed(_reader.EndMessage(), GrowthIfStarved());
        }

        Perform(action);
        return hasItem;
    }

    /// <summary>Starts with the next message. Without one, the stream is over, or has to be waited for.</summary>
    private bool TryBeginMessage(out bool isOver)
    {
        ReceivedMessage message = default;
        Exception? interruption;
        isOver = false;
        lock (_gate)
        {
            interruption = _interruption;
            if (interruption is null && !_messages.TryDequeue(out message) && _state.Stage == ReceiverStage.Open)
            {
                return false;
            }
        }

        if (interruption is not null)
        {
            throw End(interruption)!;
        }

        if (message.Body is null)
        {
            isOver = true;
            EndComplete();
            return false;
        }

        _reader.Begin(message);
        return _state.TryBegin(message.FirstItem)
            ? true
            : throw Violate($"a message starts with {Unit} {message.FirstItem} where {Unit} {_state.TakenItems} was expected: messages were lost, or came twice", null);
    }

    /// <summary>Everything is taken: the end, or the failure.</summary>
    private void EndComplete()
    {
        if (_failure is null)
        {
            End(failure: null);
            return;
        }

        bool isIncomplete = _failureNumber is { } number && number != _state.TakenItems;
        throw End(isIncomplete
            ? _owner.BreaksProtocol($"the stream failed after {Unit} {_failureNumber}, but {_state.TakenItems} came: messages were lost", _failure())
            : _failure())!;
    }

    private Exception Violate(string reason, Exception? cause)
    {
        ReceiverAction action;
        lock (_gate)
        {
            action = _state.OnViolation();
        }

        Perform(action);
        return End(_owner.BreaksProtocol(reason, cause))!;
    }

    /// <summary>The consumer has nothing left to take, and the sender cannot send: the window is too small.</summary>
    private long GrowthIfStarved() =>
        _hasWindow && _items.WindowBytes == 0 && _messages.Count == 0 && _state.IsGrantUsedUp ? _budget.Grow(_state.Window) : 0;

    private Exception? End(Exception? failure)
    {
        lock (_gate)
        {
            if (_isOver)
            {
                return failure;
            }

            _isOver = true;
            _state.OnClosed();
            _reader.Release();
            ReleaseWindow();
        }

        _arrival.Dispose();
        _owner.OnClosed(failure);
        return failure;
    }

    /// <summary>Gives back what was received and not taken, and the window. Needs the lock. Idempotent.</summary>
    private void ReleaseWindow()
    {
        while (_messages.TryDequeue(out ReceivedMessage unread))
        {
            unread.Body!.Release();
        }

        if (_hasWindow)
        {
            _hasWindow = false;
            _budget.Return(_state.Window);
        }
    }

    private ValueTask WaitAsync()
    {
        bool isHere;
        lock (_gate)
        {
            isHere = _messages.Count > 0 || _state.Stage != ReceiverStage.Open;
            _arrival.Begin(isHere);
        }

        return _arrival.WaitAsync(isHere);
    }

    private void Perform(ReceiverAction action)
    {
        if (action.HasFlag(ReceiverAction.Grant))
        {
            _owner.SendGrant(_state.GrantedBytes, _state.GrantedItems);
        }

        if (action.HasFlag(ReceiverAction.Cancel))
        {
            _owner.SendCancel();
        }
    }
}
