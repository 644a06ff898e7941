using System.Globalization;
using RpcGen.Client.Calls;
using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Streams;
using RpcGen.Transport;

namespace RpcGen.Client.Streaming;

/// <summary>
/// One call that receives a stream, from its request to its end. It knows which server it has: the first one whose message comes, or
/// another one as long as the first has sent no item.
/// </summary>
internal sealed class ClientStream<TItem> : StreamCall, IStreamReceiverOwner, IDisposable
{
    private readonly StreamLink _link;
    private readonly RpcMethod _method;
    private readonly RpcItems<TItem> _items;
    private readonly CallIdentity _identity;
    private readonly StreamExceptions _failures;
    private readonly StreamReceiver<TItem> _receiver;
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private HashSet<string>? _left;
    private volatile bool _hasItems;
    private bool _isEnded;

    public ClientStream(
        CorrelationId id, StreamLink link, RpcMethod method, RpcItems<TItem> items, CallIdentity identity, StreamExceptions failures, StreamBudget budget, TimeProvider time)
        : base(id, servedFor: null)
    {
        _link = link;
        _method = method;
        _items = items;
        _identity = identity;
        _failures = failures;
        _receiver = new StreamReceiver<TItem>(items, this, budget, time);
    }

    /// <summary>Whether a handler makes the call.</summary>
    public bool IsNested { get; init; }

    /// <summary>Whether an earlier attempt of the call may have reached a server.</summary>
    public bool HasEarlierAttempts { get; init; }

    /// <inheritdoc/>
    public override bool EndsWithClients => !IsNested;

    /// <summary>Completes when a server has the call; fails if the call was refused, or its server was lost before.</summary>
    public Task Opened => _opened.Task;

    /// <summary>Completes with why the broker returned the request.</summary>
    public TaskCompletionSource<string> Returned { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What the server can send before the first grant.</summary>
    public long Window => _receiver.Window;

    /// <summary>The item that was taken last.</summary>
    public TItem Current => _receiver.Current;

    /// <summary>How many items were taken.</summary>
    public long TakenItems => _receiver.TakenItems;

    /// <summary>Where the reply's metadata goes; null for nowhere.</summary>
    public RpcMetadata? ReplyMetadata { get; init; }

    /// <summary>Called with what the consumer got when the stream has ended for it; null for the end, or if it wanted no more. Must not throw.</summary>
    public Action<Exception?>? Ended { get; set; }

    /// <summary>The code of the fault that the stream has failed with; null for no fault.</summary>
    public string? FaultCode { get; private set; }

    /// <summary>The link that the call is on.</summary>
    public StreamLink Link => _link;

    /// <summary>Takes the next item. False at the end.</summary>
    public ValueTask<bool> MoveNextAsync() => _receiver.MoveNextAsync();

    /// <summary>Ends the stream at once.</summary>
    public void Interrupt(Exception exception) => _receiver.Interrupt(exception);

    /// <summary>The exception for a stream that took too long as a whole.</summary>
    public Exception CreateTotalOver() => StreamExceptions.TotalOver(_identity, _items.TotalTimeoutMilliseconds, TakenItems);

    /// <summary>The consumer wants no more. Must not be called while <see cref="MoveNextAsync"/> runs.</summary>
    public void Dispose() => _receiver.Dispose();

    /// <inheritdoc/>
    public override void OnMessage(StreamMessageKind kind, in IncomingMessage message)
    {
        if (string.IsNullOrEmpty(message.ReplyTo))
        {
            OnRefused(kind, in message);
        }
        else if (TryTakeServer(message.ReplyTo, kind, in message))
        {
            Take(kind, in message);
        }
    }

    /// <inheritdoc/>
    public override void OnLost(StreamLoss loss)
    {
        bool isOpen = _opened.Task.IsCompletedSuccessfully;
        if (loss.Kind is StreamLossKind.MessagesLost or StreamLossKind.PeerSilent && Peer is { } server)
        {
            _link.PostCancel(server.Queue, WireId);
        }

        End(() => _failures.Lost(_identity, loss, isOpen, TakenItems), number: null);
    }

    /// <inheritdoc/>
    public override void OnReturned(string reason) => Returned.TrySetResult(reason);

    /// <inheritdoc/>
    void IStreamReceiverOwner.SendGrant(long bytes, long items)
    {
        if (Peer is { } server)
        {
            _ = _link.SendAsync(this, _link.To(server.Queue, StreamMessageKinds.Grant, WireId, StreamBodies.WriteGrant(bytes, items))).AsTask();
        }
    }

    /// <inheritdoc/>
    void IStreamReceiverOwner.SendCancel()
    {
        if (Peer is { } server)
        {
            _link.PostCancel(server.Queue, WireId);
        }

        _link.Remove(this);
    }

    /// <inheritdoc/>
    void IStreamReceiverOwner.OnClosed(Exception? failure)
    {
        _link.Remove(this);
        Ended?.Invoke(failure);
    }

    /// <inheritdoc/>
    Exception IStreamReceiverOwner.BreaksProtocol(string reason, Exception? cause) => StreamExceptions.BreaksProtocol(_identity, reason, cause);

    /// <inheritdoc/>
    Exception IStreamReceiverOwner.IsIdle() => StreamExceptions.Idle(_identity, _items.IdleTimeoutMilliseconds, TakenItems);

    /// <summary>A server has refused the request, or one that knows no streams has answered it. Counts only as long as no server was heard.</summary>
    private void OnRefused(StreamMessageKind kind, in IncomingMessage message)
    {
        if (Peer is not null)
        {
            return;
        }

        if (kind == StreamMessageKind.Fault)
        {
            OnFault(in message);
        }
        else
        {
            End(() => StreamExceptions.BreaksProtocol(_identity, "the server answered with one reply instead of a stream", null), number: null);
        }
    }

    /// <summary>
    /// Whether the message is of the server that the call has. As long as there is no item, another server can take the first one's
    /// place: the broker has given it the request again.
    /// </summary>
    private bool TryTakeServer(string server, StreamMessageKind kind, in IncomingMessage message)
    {
        string? former = Peer?.Queue;
        if (former == server)
        {
            return true;
        }

        if (_isEnded || _hasItems || _left?.Contains(server) == true)
        {
            _link.PostCancel(server, WireId);
            return false;
        }

        if (former is not null)
        {
            (_left ??= new(StringComparer.Ordinal)).Add(former);
            _link.PostCancel(former, WireId);
        }

        TimeSpan every = kind == StreamMessageKind.Open ? StreamBodies.ReadEvery(message.Body.Span) ?? StreamBeat.Default : StreamBeat.Default;
        _link.Join(this, server, every);
        return true;
    }

    private void Take(StreamMessageKind kind, in IncomingMessage message)
    {
        if (message.Headers is { } headers)
        {
            ReplyMetadata?.Receive(headers);
        }

        switch (kind)
        {
            case StreamMessageKind.Open:
                _opened.TrySetResult();
                break;
            case StreamMessageKind.Item or StreamMessageKind.End:
                OnItems(kind == StreamMessageKind.End, in message);
                break;
            case StreamMessageKind.Fault:
                OnFault(in message);
                break;
            default:
                BreakOff("the server sent a message of an unknown kind");
                break;
        }
    }

    private void OnItems(bool isLast, in IncomingMessage message)
    {
        _hasItems = true;
        string? problem =
            message.IsUnreadable ? "a message has unreadable headers, or a body that is too large"
            : !ContentTypes.IsReadable(message.ContentType, message.ContentEncoding) ? $"a message has content type '{message.ContentType}' and encoding '{message.ContentEncoding}', which are not understood"
            : null;
        if (problem is not null)
        {
            BreakOff(problem);
            return;
        }

        _receiver.OnMessage(ReadNumber(message.MessageId) ?? -1, message.Body.Span, isLast);
        if (isLast)
        {
            Complete();
        }

        _opened.TrySetResult();
    }

    private void BreakOff(string problem)
    {
        if (Peer is { } server)
        {
            _link.PostCancel(server.Queue, WireId);
        }

        End(() => StreamExceptions.BreaksProtocol(_identity, problem, null), number: null);
    }

    private void OnFault(in IncomingMessage message)
    {
        Exception fault = FaultReader.Read(message.Body, _method, _identity.Queue, _identity.CallId ?? "", HasEarlierAttempts, out string? code);
        FaultCode = code;
        End(() => fault, ReadNumber(message.MessageId));
    }

    private void End(Func<Exception> failure, long? number)
    {
        Complete();
        if (_opened.Task.IsCompleted || _hasItems)
        {
            _receiver.OnEnded(failure, number);
        }
        else
        {
            Exception exception = failure();
            _receiver.OnEnded(() => exception, number: null);
            _opened.TrySetException(exception);
        }
    }

    /// <summary>Nothing more comes: the server can forget the call, and so does the link.</summary>
    private void Complete()
    {
        _isEnded = true;
        _link.Remove(this);
    }

    private static long? ReadNumber(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;
}
