using RpcGen.Diagnostics;
using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Server;

/// <summary>
/// One request under way, from its delivery to its acknowledgement. Objects are used again; who comes from outside of the
/// call itself, with a cancellation or the end of the connection, goes through the lock.
/// </summary>
internal sealed class ServerCall : IThreadPoolWorkItem
{
    private readonly ICallRunner _runner;
    private readonly Lock _gate = new();
    private RpcCallContext? _context;
    private volatile bool _isCancelledByCaller;
    private volatile bool _isAbandoned;

    public ServerCall(ICallRunner runner)
    {
        _runner = runner;
        Node = new LinkedListNode<ServerCall>(this);
    }

    /// <summary>When it was delivered, as a timestamp of the clock.</summary>
    public long ReceivedAt { get; private set; }

    /// <summary>What to acknowledge it by; 0 where the broker regards it as acknowledged already.</summary>
    public ulong DeliveryTag { get; private set; }

    public bool IsRedelivered { get; private set; }

    public string? Type { get; private set; }

    public string? CorrelationId { get; private set; }

    public string? ReplyTo { get; private set; }

    public string? ContentType { get; private set; }

    public string? ContentEncoding { get; private set; }

    public string? Expiration { get; private set; }

    public long Timestamp { get; private set; }

    /// <summary>The headers as they came; null for none.</summary>
    public IDictionary<string, object?>? Headers { get; private set; }

    /// <summary>The caller's user, which the broker has checked; null where it does not say.</summary>
    public string? UserId { get; private set; }

    public byte Priority { get; private set; }

    /// <summary>The caller's span (W3C Trace Context); null where it has none.</summary>
    public string? TraceParent => HeaderReader.Text(Headers, WireNames.TraceParent);

    /// <summary>The headers of its reply; null for none.</summary>
    public IReadOnlyDictionary<string, object?>? ReplyHeaders => _context?.ReplyHeaders;

    /// <summary>How long the body was; it is only kept within the limit.</summary>
    public int BodyLength { get; private set; }

    public PooledBuffer Body { get; } = new();

    public PooledBuffer Reply { get; } = new();

    /// <summary>Its place in the ledger. The ledger's own, under its lock.</summary>
    public LinkedListNode<ServerCall> Node { get; }

    /// <summary>How far its acknowledgement is. The ledger's own, under its lock.</summary>
    public AckState Ack { get; set; }

    /// <summary>Whether it has ended. The ledger's own, under its lock.</summary>
    public bool IsEnded { get; set; }

    /// <summary>Who watches it; null where nobody does.</summary>
    public ServerObservation? Observation { get; set; }

    /// <summary>The code of the fault that it is answered with; null for none.</summary>
    public string? FaultCode { get; set; }

    /// <summary>What its handler threw against the contract; null for nothing.</summary>
    public Exception? Failure { get; set; }

    /// <summary>When its handler has to be done, as a timestamp of the clock.</summary>
    public long Deadline { get; set; } = long.MaxValue;

    /// <summary>Whether its handler was started.</summary>
    public bool HasStarted { get; private set; }

    /// <summary>Whether the handler's token has fired, for whatever reason.</summary>
    public bool IsCancellationRequested => _context is { IsCancelled: true };

    /// <summary>Whether nobody waits for its reply any more: its caller has cancelled.</summary>
    public bool IsCancelledByCaller => _isCancelledByCaller;

    /// <summary>Whether its reply must not be sent: the broker gives, or has given, the request to another server.</summary>
    public bool IsAbandoned => _isAbandoned;

    /// <summary>Starts the object's next use.</summary>
    public void Begin(in IncomingMessage request, long receivedAt)
    {
        ReceivedAt = receivedAt;
        DeliveryTag = request.DeliveryTag;
        IsRedelivered = request.IsRedelivered;
        Type = string.IsNullOrEmpty(request.Type) ? null : request.Type;
        ContentType = request.ContentType;
        ContentEncoding = request.ContentEncoding;
        Expiration = request.Expiration;
        Timestamp = request.Timestamp;
        Headers = request.Headers;
        UserId = string.IsNullOrEmpty(request.UserId) ? null : request.UserId;
        Priority = request.Priority;
        BodyLength = request.Body.Length;
        if (BodyLength <= _runner.MaxMessageBytes)
        {
            Body.Write(request.Body.Span);
        }

        lock (_gate)
        {
            CorrelationId = request.CorrelationId;
            ReplyTo = request.ReplyTo;
        }
    }

    /// <summary>Ends the object's use.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            _context?.End();
            _context = null;
            _isCancelledByCaller = false;
            _isAbandoned = false;
            CorrelationId = null;
            ReplyTo = null;
        }

        Headers = null;
        Observation = null;
        FaultCode = null;
        Failure = null;
        HasStarted = false;
        IsEnded = false;
        Ack = AckState.Pending;
        Deadline = long.MaxValue;
        Body.Reset();
        Reply.Reset();
    }

    /// <summary>Runs the call on the thread pool.</summary>
    public void Execute() => _ = _runner.RunAsync(this);

    /// <summary>
    /// Starts the handler's time: its token, and what it can know of the call. False where it must not run any more: its
    /// deadline has passed, or its caller has given up.
    /// </summary>
    public bool TryStart(Generated.RpcMethod method, out CancellationToken cancellationToken)
    {
        var context = new RpcCallContext(method.Name, CorrelationId, IsRedelivered, _runner.Time, Deadline, CreateDetails());
        cancellationToken = default;
        lock (_gate)
        {
            if (_isCancelledByCaller || _isAbandoned || Deadline <= _runner.Time.GetTimestamp())
            {
                return false;
            }

            _context = context;
        }

        if (method.IsCancellable)
        {
            cancellationToken = context.CancellationToken;
        }

        HasStarted = true;
        _runner.WatchDeadline(Deadline);
        RpcCallContext.Current = context;
        return true;
    }

    /// <summary>What few calls have; null where this one does not.</summary>
    private RpcCallDetails? CreateDetails() => Headers is null && UserId is null && Priority == 0
        ? null
        : new RpcCallDetails { Headers = Headers, UserId = UserId, Priority = Priority };

    /// <summary>Tells whoever watches that it is answered, or dropped.</summary>
    public void EndObservation(bool isAnswered)
    {
        if (Observation is { } observation)
        {
            Observation = null;
            string? error = isAnswered
                ? FaultCodes.IsServersFailure(FaultCode) ? FaultCode : null
                : IsCancelledByCaller ? FaultCodes.Cancelled : IsAbandoned ? FaultCodes.Unavailable : FaultCodes.Timeout;
            observation.End(isAnswered ? FaultCode : null, error, Failure);
        }
    }

    /// <summary>Fires the handler's token where its deadline has passed; gives the deadline that is still ahead, else <see cref="long.MaxValue"/>.</summary>
    public long CancelIfLate(long now)
    {
        lock (_gate)
        {
            if (_context is null || Deadline == long.MaxValue)
            {
                return long.MaxValue;
            }

            if (now < Deadline)
            {
                return Deadline;
            }

            _context.Cancel();
            return long.MaxValue;
        }
    }

    /// <summary>Where this is the call that is meant, its caller has given up: fires the handler's token, and no reply is sent.</summary>
    public bool TryCancelByCaller(string replyTo, string correlationId)
    {
        lock (_gate)
        {
            if (CorrelationId != correlationId || ReplyTo != replyTo)
            {
                return false;
            }

            _isCancelledByCaller = true;
            _context?.Cancel();
            return true;
        }
    }

    /// <summary>The request goes to another server: fires the handler's token, and no reply is sent.</summary>
    public void Abandon()
    {
        lock (_gate)
        {
            _isAbandoned = true;
            _context?.Cancel();
        }
    }
}

/// <summary>What runs calls.</summary>
internal interface ICallRunner
{
    /// <summary>The clock of deadlines.</summary>
    TimeProvider Time { get; }

    /// <summary>How long a body may be.</summary>
    int MaxMessageBytes { get; }

    /// <summary>Runs one call to its end. Never throws.</summary>
    Task RunAsync(ServerCall call);

    /// <summary>Makes sure that the calls are looked at when <paramref name="deadline"/> has come.</summary>
    void WatchDeadline(long deadline);
}

/// <summary>How far a delivery's acknowledgement is.</summary>
internal enum AckState
{
    /// <summary>Not due.</summary>
    Pending,

    /// <summary>To be acknowledged.</summary>
    Due,

    /// <summary>Acknowledged.</summary>
    Sent,
}
