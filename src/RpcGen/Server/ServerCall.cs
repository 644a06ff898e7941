using System.Globalization;
using RpcGen.Diagnostics;
using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Server;

/// <summary>
/// One call under way, from its delivery to its outcome: a message of its own, or an entry of a batch. Objects are used
/// again; who comes from outside of the call itself, with a cancellation or the end of the connection, goes through the
/// lock.
/// </summary>
internal sealed class ServerCall(ICallRunner runner)
{
    private readonly Lock _gate = new();
    private RpcCallContext? _context;
    private string? _traceParent;
    private volatile bool _isCancelledByCaller;
    private volatile bool _isAbandoned;

    /// <summary>The message that it came in.</summary>
    public Delivery Delivery { get; private set; } = null!;

    /// <summary>The method's name, or what kind of message it is.</summary>
    public string? Type { get; private set; }

    public CorrelationId Id { get; private set; }

    /// <summary>How long the caller goes on waiting, in milliseconds; null where it did not say.</summary>
    public long? Budget { get; private set; }

    /// <summary>The caller's span (W3C Trace Context), with the entry or with the message; null where it has none.</summary>
    public string? TraceParent => Delivery.Batch is null ? HeaderReader.Text(Delivery.Headers, WireNames.TraceParent) : _traceParent;

    /// <summary>The headers of its reply; null for none.</summary>
    public IReadOnlyDictionary<string, object?>? ReplyHeaders => _context?.ReplyHeaders;

    /// <summary>The request's body, within the delivery's.</summary>
    public ReadOnlyMemory<byte> Body { get; private set; }

    public PooledBuffer Reply { get; } = new();

    /// <summary>Its place among the calls that have not ended. The scheduler's own, under its lock.</summary>
    public int Place { get; set; }

    /// <summary>Whether nobody waits for an answer, nor has said where to send one.</summary>
    public bool IsOneWay { get; set; }

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

    /// <summary>When its handler was started, as a timestamp of the clock.</summary>
    public long StartedAt { get; private set; }

    /// <summary>Whether the handler's token has fired, for whatever reason.</summary>
    public bool IsCancellationRequested => _context is { IsCancelled: true };

    /// <summary>Whether nobody waits for its reply any more: its caller has cancelled.</summary>
    public bool IsCancelledByCaller => _isCancelledByCaller;

    /// <summary>Whether its reply must not be sent: the broker gives, or has given, the request to another server.</summary>
    public bool IsAbandoned => _isAbandoned;

    /// <summary>Starts the object's next use, for the whole of a message.</summary>
    public void Begin(Delivery delivery, in IncomingMessage message)
    {
        long? budget = long.TryParse(message.Expiration, NumberStyles.None, CultureInfo.InvariantCulture, out long milliseconds) ? milliseconds : null;
        Begin(delivery, new CorrelationId(message.CorrelationId), string.IsNullOrEmpty(message.Type) ? null : message.Type, budget, delivery.Body.Written, traceParent: null);
    }

    /// <summary>Starts the object's next use.</summary>
    public void Begin(Delivery delivery, CorrelationId id, string? type, long? budget, ReadOnlyMemory<byte> body, string? traceParent)
    {
        Type = type;
        _traceParent = traceParent;
        Budget = budget;
        Body = body;
        lock (_gate)
        {
            Id = id;
            Delivery = delivery;
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
            Id = default;
            Delivery = null!;
        }

        _traceParent = null;
        Observation = null;
        FaultCode = null;
        Failure = null;
        HasStarted = false;
        IsOneWay = false;
        Deadline = long.MaxValue;
        Body = default;
        Reply.Reset();
    }

    /// <summary>
    /// Starts the handler's time: its token, and what it can know of the call. False where it must not run any more: its
    /// deadline has passed, or its caller has given up.
    /// </summary>
    public bool TryStart(RpcMethod method, out CancellationToken cancellationToken)
    {
        var context = new RpcCallContext(method.Name, Id.Text, Id.Number, Delivery.IsRedelivered, runner.Time, Deadline, CreateDetails());
        cancellationToken = default;
        long now = runner.Time.GetTimestamp();
        lock (_gate)
        {
            if (_isCancelledByCaller || _isAbandoned || Deadline <= now)
            {
                return false;
            }

            _context = context;
        }

        if (method.IsCancellable)
        {
            cancellationToken = context.CancellationToken;
        }

        StartedAt = now;
        HasStarted = true;
        runner.WatchDeadline(Deadline);
        RpcCallContext.Current = context;
        return true;
    }

    /// <summary>What few calls have; null where this one does not.</summary>
    private RpcCallDetails? CreateDetails() => Delivery is { Headers: null, UserId: null, Priority: 0 }
        ? null
        : new RpcCallDetails { CallId = Id.Text, Headers = Delivery.Headers, BrokerUser = Delivery.UserId, Priority = Delivery.Priority };

    /// <summary>Tells whoever watches that it is answered, or dropped.</summary>
    public void EndObservation(bool isAnswered)
    {
        if (Observation is { } observation)
        {
            Observation = null;
            string? error = isAnswered
                ? FaultCodes.IsServersFailure(FaultCode) ? FaultCode : null
                : IsCancelledByCaller ? FaultCodes.Cancelled : IsAbandoned ? FaultCodes.Interrupted : FaultCodes.Timeout;
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
            if (Delivery.ReplyTo != replyTo || !Id.Is(correlationId))
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

    /// <summary>Runs one call to its end, and tells the scheduler of it. Never throws.</summary>
    Task RunAsync(ServerCall call);

    /// <summary>There is nothing to start for the moment.</summary>
    void OnIdle();

    /// <summary>Makes sure that the calls are looked at when <paramref name="deadline"/> has come.</summary>
    void WatchDeadline(long deadline);
}
