using RpcGen.Client.Calls;
using RpcGen.Protocol;
using RpcGen.Streams;
using RpcGen.Transport;

namespace RpcGen.Client.Streaming;

/// <summary>
/// One call with streams, from its request to its end. It knows which server it has: the first one whose message comes, or another one
/// as long as the first has sent nothing but <c>open</c>.
/// </summary>
internal abstract class StreamingCall(CorrelationId id, StreamLink link, RpcMethod method, CallIdentity identity, StreamExceptions failures)
    : StreamCall(id, servedFor: null), IUploadOwner, IDisposable
{
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private HashSet<string>? _left;
    private volatile bool _isCommitted;
    private volatile bool _isEnded;

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

    /// <summary>What the server can send of each stream before the first grant.</summary>
    public abstract long Window { get; }

    /// <summary>Where the reply's metadata goes; null for nowhere.</summary>
    public RpcMetadata? ReplyMetadata { get; init; }

    /// <summary>The code of the fault that the call has failed with; null for no fault.</summary>
    public string? FaultCode { get; private set; }

    /// <summary>The link that the call is on.</summary>
    public StreamLink Link => link;

    /// <inheritdoc/>
    public CallIdentity Identity => identity;

    /// <summary>The streams that the call sends, and its progress; null for none. Set before the request is sent.</summary>
    public Uploads? Uploads { get; set; }

    /// <summary>The method.</summary>
    protected RpcMethod Method => method;

    /// <summary>Whether a reply without streams is the result: of a server that does not know the call's progress.</summary>
    protected virtual bool TakesPlainResult => false;

    /// <summary>Whether a server has the call for good: it has sent an item, a grant or the end.</summary>
    protected bool IsCommitted => _isCommitted;

    /// <summary>Nobody waits for the call any more.</summary>
    public abstract void Dispose();

    /// <summary>Completes when the sources of all streams that the call sends are disposed. To be called once the call is over.</summary>
    public Task StopUploadsAsync() => Uploads?.StopAsync() ?? Task.CompletedTask;

    /// <inheritdoc/>
    public abstract void OnSourceFailed(Exception exception);

    /// <inheritdoc/>
    public abstract void OnProgressFailed(Exception exception);

    /// <inheritdoc/>
    public override bool Takes(StreamMessageKind kind, string parameter) => Uploads?.Takes(kind, parameter) == true;

    /// <inheritdoc/>
    public override void OnMessage(StreamMessageKind kind, string? parameter, in IncomingMessage message)
    {
        if (string.IsNullOrEmpty(message.ReplyTo))
        {
            OnRefused(kind, in message);
        }
        else if (TryTakeServer(message.ReplyTo, kind, in message))
        {
            Take(kind, parameter, in message);
        }
    }

    /// <inheritdoc/>
    public override void OnLost(StreamLoss loss)
    {
        bool isOpen = _opened.Task.IsCompletedSuccessfully;
        if (loss.Kind is StreamLossKind.MessagesLost or StreamLossKind.PeerSilent)
        {
            CancelAtServer();
        }

        End(() => CreateLost(failures, loss, isOpen), number: null);
    }

    /// <inheritdoc/>
    public override void OnReturned(string reason) => Returned.TrySetResult(reason);

    /// <summary>The exception for a lost server, or a lost way to it.</summary>
    protected abstract RpcException CreateLost(StreamExceptions failures, StreamLoss loss, bool isOpen);

    /// <summary>A message with items, or with the one result, has come.</summary>
    protected abstract void OnResult(StreamMessageKind kind, in IncomingMessage message);

    /// <summary>The call has failed. What was received before is still delivered.</summary>
    /// <param name="failure">Creates the exception when the caller gets it.</param>
    /// <param name="number">How many items there were before the failure; null if that is not known.</param>
    protected abstract void OnFailed(Func<Exception> failure, long? number);

    /// <summary>Nothing more comes: the link forgets the call, and nothing more is sent.</summary>
    protected void Leave()
    {
        _isEnded = true;
        link.Remove(this);
        Uploads?.Stop();
    }

    /// <summary>Tells the server, if it is known, that the call is not wanted any more.</summary>
    protected void CancelAtServer()
    {
        if (Peer is { } server)
        {
            link.PostCancel(server.Queue, WireId);
        }
    }

    /// <summary>The server has the call.</summary>
    protected void SetOpened() => _opened.TrySetResult();

    /// <summary>What came breaks the protocol.</summary>
    protected void BreakOff(string problem)
    {
        CancelAtServer();
        End(() => StreamExceptions.BreaksProtocol(identity, problem, null), number: null);
    }

    /// <summary>The call ends with a failure.</summary>
    protected void End(Func<Exception> failure, long? number)
    {
        Leave();
        if (_opened.Task.IsCompleted || _isCommitted)
        {
            OnFailed(failure, number);
            _opened.TrySetResult();
        }
        else
        {
            Exception exception = failure();
            OnFailed(() => exception, number: null);
            _opened.TrySetException(exception);
        }
    }

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
        else if (kind == StreamMessageKind.Result && TakesPlainResult)
        {
            Take(kind, parameter: null, in message);
        }
        else
        {
            End(() => StreamExceptions.BreaksProtocol(identity, "the server answered with one reply instead of a stream", null), number: null);
        }
    }

    /// <summary>
    /// Whether the message is of the server that the call has. As long as that has sent nothing but <c>open</c>, another server can
    /// take its place: the broker has given it the request again.
    /// </summary>
    private bool TryTakeServer(string server, StreamMessageKind kind, in IncomingMessage message)
    {
        string? former = Peer?.Queue;
        if (former == server)
        {
            return true;
        }

        if (_isEnded || _isCommitted || _left?.Contains(server) == true)
        {
            link.PostCancel(server, WireId);
            return false;
        }

        if (former is not null)
        {
            (_left ??= new(StringComparer.Ordinal)).Add(former);
            link.PostCancel(former, WireId);
        }

        bool tells = kind is StreamMessageKind.Open or StreamMessageKind.Grant;
        link.Join(this, server, (tells ? StreamBodies.ReadEvery(message.Body.Span) : null) ?? StreamBeat.Default);
        return true;
    }

    private void Take(StreamMessageKind kind, string? parameter, in IncomingMessage message)
    {
        if (message.Headers is { } headers)
        {
            ReplyMetadata?.Receive(headers);
        }

        switch (kind)
        {
            case not StreamMessageKind.Unsupported when parameter is not null:
                _isCommitted = true;
                TakeForParameter(kind, parameter, in message);
                _opened.TrySetResult();
                break;
            case StreamMessageKind.Open:
                _opened.TrySetResult();
                break;
            case StreamMessageKind.Item or StreamMessageKind.End or StreamMessageKind.Result when parameter is null:
                _isCommitted = true;
                OnResult(kind, in message);
                break;
            case StreamMessageKind.Fault when parameter is null:
                OnFault(in message);
                break;
            default:
                BreakOff("the server sent a message of an unknown kind");
                break;
        }
    }

    private void TakeForParameter(StreamMessageKind kind, string parameter, in IncomingMessage message)
    {
        string? problem = Uploads is null ? $"the call has no stream and no progress '{parameter}'" : Uploads.Take(kind, parameter, in message);
        if (problem is not null)
        {
            BreakOff(problem);
        }
    }

    private void OnFault(in IncomingMessage message)
    {
        Exception fault = FaultReader.Read(message.Body, method, identity.Queue, identity.CallId ?? "", HasEarlierAttempts, out string? code);
        FaultCode = code;
        End(() => fault, ItemMessage.ReadNumber(in message));
    }
}
