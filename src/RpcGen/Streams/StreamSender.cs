using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Streams;

/// <summary>
/// Sends the items of one stream. The producer writes them into a buffer; a flusher, which runs on the thread pool, publishes what is
/// there. No delay and no least size: items gather while a message is being published, or while the receiver takes no more.
/// Thread-safe; one producer, except of progress.
/// </summary>
/// <param name="link">The link.</param>
/// <param name="call">The call, which counts messages.</param>
/// <param name="links">The settings of all streams.</param>
/// <param name="parameter">The parameter that the stream is; null for the call's result.</param>
/// <param name="credit">What the receiver takes before its first grant.</param>
/// <param name="isRaw">Whether bytes are sent as they are.</param>
internal sealed partial class StreamSender(StreamLink link, StreamCall call, StreamLinks links, string? parameter, StreamCredit credit, bool isRaw = false) : IThreadPoolWorkItem
{
    private static readonly byte[] NoItems = "[]"u8.ToArray();

    private readonly Lock _gate = new();
    private readonly SenderState _state = new(credit.Bytes, credit.Items, isRaw ? StreamLimits.ByteMessageBytes : StreamLimits.MessageBytes);
    private readonly TaskCompletionSource _announced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _itemType = StreamMessageKinds.About(StreamMessageKinds.Item, parameter);
    private readonly string _endType = StreamMessageKinds.About(StreamMessageKinds.End, parameter);
    private readonly string _faultType = StreamMessageKinds.About(WireNames.Fault, parameter);
    private PooledBuffer _gathering = new();
    private PooledBuffer _publishing = new();
    private ReadOnlyMemory<byte> _fault;
    private TaskCompletionSource? _room;
    private bool _isFull;

    /// <summary>Called when the stream is given up: the receiver wants no more, or cannot be reached. Must not throw.</summary>
    public required Action OnGivenUp { get; init; }

    /// <summary>The headers of the first message, and of the one that ends the stream; null for none.</summary>
    public Func<IReadOnlyDictionary<string, object?>?>? Headers { get; init; }

    /// <summary>Completes when something was published, or the stream was given up: the call needs its request no more.</summary>
    public Task Announced => _announced.Task;

    /// <summary>Completes when the end is published, or the stream was given up.</summary>
    public Task Ended => _ended.Task;

    /// <summary>How many items were published.</summary>
    public long SentItems
    {
        get
        {
            lock (_gate)
            {
                return _state.SentItems;
            }
        }
    }

    /// <summary>Whether nothing more is sent.</summary>
    public bool IsClosed
    {
        get
        {
            lock (_gate)
            {
                return _state.Stage == SenderStage.Closed;
            }
        }
    }

    /// <summary>Writes an item. False if it does not fit into the message that is gathered: wait for room, and write it again.</summary>
    /// <exception cref="ItemTooLargeException">The item alone exceeds the limit for messages.</exception>
    public bool TryWrite<TItem>(TItem item, JsonTypeInfo<TItem> type)
    {
        SenderAction action;
        lock (_gate)
        {
            if (_state.Stage == SenderStage.Closed)
            {
                return true; // nobody wants it
            }

            int before = _gathering.Length;
            Append(item, type, before);
            int length = _gathering.Length + 1; // the bracket at the end
            int limit = Math.Min(links.Settings.MaxMessageBytes, links.Limit.MaxBytes);
            if (length > limit)
            {
                _gathering.Truncate(before);
                _isFull = before > 0;
                return _isFull ? false : throw new ItemTooLargeException(length, limit);
            }

            action = _state.OnWritten(_gathering.Length);
        }

        Perform(action);
        return true;
    }

    /// <summary>Completes when another item can be written.</summary>
    public ValueTask WaitForRoomAsync()
    {
        lock (_gate)
        {
            if (!MustHold)
            {
                return default;
            }

            _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ValueTask(_room.Task);
        }
    }

    /// <summary>The producer waits: what is not announced yet is announced.</summary>
    public void OnProducerWaits() => Report(static state => state.OnProducerWaits());

    /// <summary>The source has ended.</summary>
    /// <param name="fault">The problem that it ended with; empty for none.</param>
    public void Complete(ReadOnlyMemory<byte> fault)
    {
        _fault = fault;
        bool hasFault = !fault.IsEmpty;
        Report(state => state.OnSourceEnded(hasFault));
    }

    /// <summary>The receiver takes so much in all.</summary>
    public void OnGrant(long bytes, long items) => Report(state => state.OnGrant(bytes, items));

    /// <summary>The receiver wants no more, or cannot be reached.</summary>
    public void GiveUp() => Report(static state => state.OnGivenUp());

    /// <inheritdoc/>
    void IThreadPoolWorkItem.Execute() => _ = FlushAsync();

    /// <summary>Whether the producer has to wait. Read under the lock.</summary>
    private bool MustHold => _state.MustHold || (_isFull && _state.Stage != SenderStage.Closed);

    private void Append<TItem>(TItem item, JsonTypeInfo<TItem> type, int before)
    {
        _gathering.Write(before == 0 ? "["u8 : ","u8);
        try
        {
            Serialize(_gathering, item, type);
        }
        catch
        {
            _gathering.Truncate(before);
            throw;
        }
    }

    private static void Serialize<TItem>(PooledBuffer buffer, TItem item, JsonTypeInfo<TItem> type)
    {
        Utf8JsonWriter writer = JsonWriters.Rent(buffer);
        JsonSerializer.Serialize(writer, item, type);
        writer.Flush();
        JsonWriters.Return(writer);
    }

    private void Report(Func<SenderState, SenderAction> on)
    {
        SenderAction action;
        lock (_gate)
        {
            action = on(_state);
        }

        Perform(action);
    }

    private void Perform(SenderAction action)
    {
        if (action.HasFlag(SenderAction.Flush))
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }

        if (action.HasFlag(SenderAction.GiveUp))
        {
            OnGivenUp(); // first: a producer that goes on finds its token fired
        }

        if (action.HasFlag(SenderAction.Release))
        {
            Release();
        }

        if ((action & (SenderAction.GiveUp | SenderAction.Finish)) != 0)
        {
            _announced.TrySetResult();
            _ended.TrySetResult();
        }
    }

    private void Release()
    {
        TaskCompletionSource? room;
        lock (_gate)
        {
            room = MustHold ? null : _room;
            _room = room is null ? _room : null;
        }

        room?.SetResult();
    }

    /// <summary>Publishes one message, and queues itself behind other work: streams take turns.</summary>
    private async Task FlushAsync()
    {
        try
        {
            if (Take(out SenderMessage kind) is not { } message)
            {
                return;
            }

            bool isSent = await link.SendAsync(call, message).ConfigureAwait(false);
            Report(state => isSent ? state.OnPublished(kind) : state.OnGivenUp());
            _announced.TrySetResult();
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
#pragma warning disable CA1031 // Metadata that does not fit into a frame, or a clock that throws: the stream ends, and the caller is told.
        catch (Exception e)
#pragma warning restore CA1031
        {
            var problem = new PooledBuffer();
            FaultWriter.Write(problem, FaultCodes.ResultTooLarge, "The stream cannot be sent.", e.Message);
            _ = link.TryPublishAsync(link.To(call.PeerQueue, _faultType, call.WireId, problem.Written.ToArray())).AsTask();
            problem.Release();
            GiveUp();
        }
    }

    /// <summary>Takes the next message. The buffer in it is this flusher's until it takes the next one.</summary>
    private OutgoingMessage? Take(out SenderMessage kind)
    {
        lock (_gate)
        {
            bool isFirst = !_state.IsAnnounced;
            int gathered = _state.GatheredItems;
            kind = _state.TakeMessage((int)StreamLimits.CostOf(_gathering.Length + (isRaw ? 0 : 1)));
            switch (kind)
            {
                case SenderMessage.None:
                    return null;
                case SenderMessage.Open:
                    return To(StreamMessageKinds.Open, StreamBodies.WriteOpen(links.Settings.Beat)) with { Headers = Headers?.Invoke() };
                case SenderMessage.Fault:
                    return To(_faultType, _fault) with { MessageId = _state.SentItems, Headers = Headers?.Invoke() };
                default:
                    ReadOnlyMemory<byte> body = gathered > 0 ? TakeItems() : isRaw ? default : NoItems;
                    return To(kind == SenderMessage.End ? _endType : _itemType, body) with
                    {
                        ContentType = body.IsEmpty ? null : isRaw ? WireNames.Bytes : WireNames.Json,
                        MessageId = _state.SentItems,
                        Headers = isFirst || kind == SenderMessage.End ? Headers?.Invoke() : null,
                    };
            }
        }
    }

    private OutgoingMessage To(string type, ReadOnlyMemory<byte> body) => link.To(call.PeerQueue, type, call.WireId, body);

    private ReadOnlyMemory<byte> TakeItems()
    {
        Debug.Assert(_gate.IsHeldByCurrentThread, "The gate guards the buffers.");
        (_gathering, _publishing) = (_publishing, _gathering);
        _gathering.Reset();
        _isFull = false;
        if (!isRaw)
        {
            _publishing.Write("]"u8);
        }

        return _publishing.Written;
    }
}

/// <summary>What a receiver takes.</summary>
/// <param name="Bytes">In bytes, as grants count them.</param>
/// <param name="Items">In items; <see cref="long.MaxValue"/> for no limit.</param>
internal readonly record struct StreamCredit(long Bytes, long Items);

/// <summary>An item exceeds the limit for messages.</summary>
internal sealed class ItemTooLargeException(int length, int limit)
    : Exception($"An item of the stream has {length} bytes, more than the limit of {limit} for a message.");
