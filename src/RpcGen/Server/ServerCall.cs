using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Server;

/// <summary>One request under way, from its delivery to its acknowledgement.</summary>
#pragma warning disable CA1001 // Release() disposes what it owns: a call ends where its reply is sent, not where a using block does.
internal sealed class ServerCall : IThreadPoolWorkItem
#pragma warning restore CA1001
{
    private readonly ICallRunner _runner;
    private readonly Lock _gate = new();
    private CancellationTokenSource? _cancellation;
    private bool _isCancelled;
    private volatile bool _isCancelledByCaller;
    private volatile bool _isAbandoned;

    public ServerCall(ICallRunner runner, in IncomingMessage request, long receivedAt)
    {
        _runner = runner;
        ReceivedAt = receivedAt;
        DeliveryTag = request.DeliveryTag;
        IsRedelivered = request.IsRedelivered;
        Type = string.IsNullOrEmpty(request.Type) ? null : request.Type;
        CorrelationId = request.CorrelationId;
        ReplyTo = request.ReplyTo;
        ContentType = request.ContentType;
        ContentEncoding = request.ContentEncoding;
        Expiration = request.Expiration;
        Timestamp = request.Timestamp;
        Body.Write(request.Body.Span);
    }

    /// <summary>When it was delivered, as a timestamp of the clock.</summary>
    public long ReceivedAt { get; }

    /// <summary>What to acknowledge it by; 0 where the broker regards it as acknowledged already.</summary>
    public ulong DeliveryTag { get; }

    public bool IsRedelivered { get; }

    public string? Type { get; }

    public string? CorrelationId { get; }

    public string? ReplyTo { get; }

    public string? ContentType { get; }

    public string? ContentEncoding { get; }

    public string? Expiration { get; }

    public long Timestamp { get; }

    public PooledBuffer Body { get; } = new();

    public PooledBuffer Reply { get; } = new();

    /// <summary>Where it stands in the ledger. The ledger's own, under its lock.</summary>
    public LinkedListNode<ServerCall>? Node { get; set; }

    /// <summary>How far its acknowledgement is. The ledger's own, under its lock.</summary>
    public AckState Ack { get; set; }

    /// <summary>Whether it has ended. The ledger's own, under its lock.</summary>
    public bool IsEnded { get; set; }

    /// <summary>When its handler has to be done, as a timestamp of the clock.</summary>
    public long Deadline { get; set; } = long.MaxValue;

    /// <summary>Whether its handler was started.</summary>
    public bool HasStarted { get; private set; }

    /// <summary>Whether the handler's token has fired, for whatever reason.</summary>
    public bool IsCancellationRequested
    {
        get
        {
            lock (_gate)
            {
                return _isCancelled || _cancellation is { IsCancellationRequested: true };
            }
        }
    }

    /// <summary>Whether nobody waits for its reply any more: its caller has cancelled.</summary>
    public bool IsCancelledByCaller => _isCancelledByCaller;

    /// <summary>Whether its reply must not be sent: the broker gives, or has given, the request to another server.</summary>
    public bool IsAbandoned => _isAbandoned;

    /// <summary>Runs the call on the thread pool.</summary>
    public void Execute() => _ = _runner.RunAsync(this);

    /// <summary>
    /// Starts the handler's time: its token, and what it can know of the call. False where it must not run any more: its
    /// deadline has passed, or its caller has given up.
    /// </summary>
    public bool TryStart(string method, out CancellationToken cancellationToken)
    {
        TimeProvider time = _runner.Time;
        TimeSpan remaining = Deadline == long.MaxValue ? Timeout.InfiniteTimeSpan : time.GetElapsedTime(time.GetTimestamp(), Deadline);
        cancellationToken = default;
        lock (_gate)
        {
            if (_isCancelled || (remaining <= TimeSpan.Zero && remaining != Timeout.InfiniteTimeSpan))
            {
                return false;
            }

            _cancellation = new CancellationTokenSource(remaining, time);
            cancellationToken = _cancellation.Token;
        }

        HasStarted = true;
        RpcCallContext.Current = new RpcCallContext(method, CorrelationId, IsRedelivered, time, Deadline, cancellationToken);
        return true;
    }

    /// <summary>The caller has given up: fires the handler's token, and no reply is sent.</summary>
    public void CancelByCaller()
    {
        _isCancelledByCaller = true;
        Cancel();
    }

    /// <summary>The request goes to another server: fires the handler's token, and no reply is sent.</summary>
    public void Abandon()
    {
        _isAbandoned = true;
        Cancel();
    }

    /// <summary>Lets go of what the call held.</summary>
    public void Release()
    {
        lock (_gate)
        {
            _cancellation?.Dispose();
            _cancellation = null;
        }

        Body.Release();
        Reply.Release();
    }

    private void Cancel()
    {
        CancellationTokenSource? cancellation;
        lock (_gate)
        {
            _isCancelled = true;
            cancellation = _cancellation;
        }

        // Handlers' own callbacks run here: not on the thread that brought the news, which must not be held.
        _ = cancellation?.CancelAsync();
    }
}

/// <summary>What runs calls.</summary>
internal interface ICallRunner
{
    /// <summary>The clock of deadlines.</summary>
    TimeProvider Time { get; }

    /// <summary>Runs one call to its end. Never throws.</summary>
    Task RunAsync(ServerCall call);
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
