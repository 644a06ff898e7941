using System.Diagnostics;
using System.Globalization;
using RpcGen.Diagnostics;
using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Server.Acknowledging;
using RpcGen.Server.Replying;
using RpcGen.Transport;

namespace RpcGen.Server.Running;

/// <summary>
/// One call from its delivery to its outcome: a message of its own, or an entry of a batch. Objects are pooled by the
/// <see cref="CallScheduler"/>.
/// </summary>
/// <remarks>
/// The thread that runs the call owns the object. Other threads use only <see cref="CancelIfLate"/>,
/// <see cref="TryCancelByCaller"/> and <see cref="Abandon"/>, which take the lock, as do the moves below.
/// <list type="table">
/// <listheader><term>Move</term><description>Cause</description></listheader>
/// <item><term>idle → accepted</term><description><see cref="Begin(Delivery, in IncomingMessage)"/>: the call waits, or its request is checked.</description></item>
/// <item><term>accepted: admission</term><description><see cref="BeginAdmission"/>: the caller is checked before the arguments are read. The context exists from then on.</description></item>
/// <item><term>accepted → started</term><description><see cref="TryStart"/>, unless the call is cancelled, abandoned or late.</description></item>
/// <item><term>accepted, started: cancelled by caller</term><description><see cref="TryCancelByCaller"/>: the token fires, no reply is sent, the request is acknowledged.</description></item>
/// <item><term>accepted, started: abandoned</term><description><see cref="Abandon"/>: the token fires and no reply is sent. The broker redelivers the request, unless it is acknowledged already.</description></item>
/// <item><term>started: late</term><description><see cref="CancelIfLate"/>: the token fires; the handler can still answer.</description></item>
/// <item><term>accepted, started: given up</term><description><see cref="AnswerClaim.TryGiveUp"/>: the token fires, and <see cref="HeldCalls"/> answers.</description></item>
/// <item><term>accepted, started → idle</term><description><see cref="Reset"/>.</description></item>
/// </list>
/// </remarks>
/// <param name="deadlines">Watches the deadline once the call has started.</param>
internal sealed partial class ServerCall(EarliestDeadline deadlines)
{
    private readonly Lock _gate = new();
    private ServedCallStage _stage;
    private RpcCallContext? _context;
    private BatchEntry _entry;
    private volatile bool _isCancelledByCaller;
    private volatile bool _isAbandoned;
    private volatile ServerCall? _nextInBucket;

    /// <summary>The message that the call came in.</summary>
    public Delivery Delivery { get; private set; } = null!;

    /// <summary>Writes the call's reply, then ends the delivery. Set before the call is added to the scheduler.</summary>
    public IReplyWriter Replies { get; set; } = null!;

    /// <summary>How long a <c>$watch</c> question to this instance asks for; null for any other message.</summary>
    public TimeSpan? WatchLifetime { get; init; }

    /// <summary>Whether the call is an entry of a batch.</summary>
    public bool IsBatched { get; private set; }

    /// <summary>What the request is, by its type.</summary>
    public MessageKind Kind { get; private set; }

    /// <summary>The method's name, or a reserved type such as <c>$ping</c>; null if the request has none.</summary>
    public string? Type { get; private set; }

    /// <summary><c>correlation_id</c>.</summary>
    public CorrelationId Id { get; private set; }

    /// <summary>How long the caller waits, in milliseconds, and at most as long as timers can wait; null if it does not say.</summary>
    public long? Budget { get; private set; }

    /// <summary>The caller's span (W3C Trace Context), from the batch's entry or the message's headers; null for none.</summary>
    public string? TraceParent => IsBatched ? _entry.TraceParent : HeaderReader.Text(Delivery.Headers, WireNames.TraceParent);

    /// <summary>The headers of the batch's entry, or else of the message; null for none.</summary>
    public IDictionary<string, object?>? Headers => _entry.Headers ?? Delivery.Headers;

    /// <summary>The call's context for the handler. Set from admission or start on.</summary>
    public RpcCallContext Context => _context!;

    /// <summary>The reply's headers; null for none.</summary>
    public IReadOnlyDictionary<string, object?>? ReplyHeaders => _context?.ReplyHeaders;

    /// <summary>The request's body, a part of the delivery's body.</summary>
    public ReadOnlyMemory<byte> Body { get; private set; }

    /// <summary>The reply's body: a result or a problem.</summary>
    public PooledBuffer Reply { get; } = new();

    /// <summary>Who answers the call.</summary>
    public AnswerClaim Answer { get; } = new();

    /// <summary>The index among the running calls. Accessed by the scheduler under its lock.</summary>
    public int Place { get; set; }

    /// <summary>The chain of <see cref="RunningCalls"/> that the call is in. Accessed by the scheduler under its lock.</summary>
    public int Bucket { get; set; }

    /// <summary>The next call of the chain. Written under the scheduler's lock, read by any thread.</summary>
    public ServerCall? NextInBucket { get => _nextInBucket; set => _nextInBucket = value; }

    /// <summary>The calls of a batch for which the scheduler has made room; 0 for none. Set by the scheduler.</summary>
    public int Room { get; set; }

    /// <summary>Whether the caller expects no answer.</summary>
    public bool IsOneWay { get; set; }

    /// <summary>The call's span and measurement; null without a listener.</summary>
    public ServerObservation? Observation { get; set; }

    /// <summary>The code of the fault that the call ends with; null for none.</summary>
    public string? FaultCode { get; set; }

    /// <summary>The exception, not declared by the contract, that the call failed with; null for none.</summary>
    public Exception? Failure { get; set; }

    /// <summary>When the handler's token fires, as a timestamp of the clock. Set before the start.</summary>
    public long Deadline { get; set; } = long.MaxValue;

    /// <summary>Whether the call was started: interceptors run, then the handler.</summary>
    public bool HasStarted => _stage == ServedCallStage.Started;

    /// <summary>Whether the handler was invoked. An interceptor can end a call before that.</summary>
    public bool HasInvokedHandler => _context is { IsHandlerInvoked: true };

    /// <summary>When the call was started, as a timestamp of the clock; null if it was not.</summary>
    public long? StartedAt { get; private set; }

    /// <summary>Whether the handler's token has fired for any reason.</summary>
    public bool IsCancellationRequested => _context is { IsCancelled: true };

    /// <summary>Whether the caller has cancelled the call. No reply is sent then.</summary>
    public bool IsCancelledByCaller => _isCancelledByCaller;

    /// <summary>Whether this server has given the call up: it must not send a reply. The broker redelivers the request, unless it is acknowledged already.</summary>
    public bool IsAbandoned => _isAbandoned;

    /// <summary>Starts the next use of this object, for a whole message.</summary>
    public void Begin(Delivery delivery, in IncomingMessage message)
    {
        string? type = string.IsNullOrEmpty(message.Type) ? null : message.Type;
        long? budget = long.TryParse(message.Expiration, NumberStyles.None, CultureInfo.InvariantCulture, out long milliseconds) ? milliseconds : null;
        Begin(delivery, new CorrelationId(message.CorrelationId), type, budget, delivery.Body.Written);
    }

    /// <summary>Starts the next use of this object, for an entry of a batch.</summary>
    public void BeginEntry(Delivery delivery, in BatchEntry entry)
    {
        IsBatched = true;
        _entry = entry;
        Begin(delivery, entry.Id, entry.Method, entry.Budget, entry.Arguments);
    }

    /// <summary>Ends the use of this object.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            Debug.Assert(_stage != ServedCallStage.Idle, "A call ends once.");
            _context?.End();
            _context = null;
            _stage = ServedCallStage.Idle;
            _isCancelledByCaller = false;
            _isAbandoned = false;
            Id = default;
            Delivery = null!;
        }

        Replies = null!;
        IsBatched = false;
        _entry = default;
        Observation = null;
        FaultCode = null;
        Failure = null;
        StartedAt = null;
        IsOneWay = false;
        Deadline = long.MaxValue;
        Room = 0;
        Answer.Reset();
        Body = default;
        Reply.Reset();
    }

    /// <summary>Creates the call's context for the checks of its caller, and watches its deadline: checks can take long too.</summary>
    public RpcCallContext BeginAdmission(RpcMethod method)
    {
        RpcCallContext context = CreateContext(method);
        lock (_gate)
        {
            Debug.Assert(_stage == ServedCallStage.Accepted && _context is null, "A caller is checked once, before the start.");
            _context = context;
            if (_isCancelledByCaller || _isAbandoned)
            {
                context.Cancel();
            }
        }

        deadlines.Watch(Deadline);
        RpcCallContext.Current = context;
        return context;
    }

    /// <summary>
    /// Starts the call: creates its context, unless its caller was checked before, and watches its deadline. False if it must not
    /// run any more: the deadline has passed, the caller has cancelled, or the call is abandoned.
    /// </summary>
    public bool TryStart(RpcMethod method, out CancellationToken cancellationToken)
    {
        RpcCallContext context = _context ?? CreateContext(method);
        cancellationToken = default;
        long now = deadlines.Time.GetTimestamp();
        lock (_gate)
        {
            Debug.Assert(_stage == ServedCallStage.Accepted, "A call starts once.");
            if (_isCancelledByCaller || _isAbandoned || Answer.GivenUp is not null || Deadline <= now)
            {
                return false;
            }

            _context = context;
            _stage = ServedCallStage.Started;
        }

        cancellationToken = method.IsCancellable ? context.CancellationToken : default;
        StartedAt = now;
        deadlines.Watch(Deadline);
        RpcCallContext.Current = context;
        return true;
    }

    /// <summary>What ends the reading of the body at the deadline.</summary>
    public ReadingDeadline WatchReading() => new(Body, deadlines.Time, Deadline);

    /// <summary>Fires the handler's token if the deadline has passed. Returns the deadline if it is still ahead and the call has a context; otherwise <see cref="long.MaxValue"/>.</summary>
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

    /// <summary>If this is the call with this reply address and normalized id, fires the handler's token, and no reply is sent.</summary>
    public bool TryCancelByCaller(string replyTo, CorrelationId id)
    {
        lock (_gate)
        {
            if (_stage == ServedCallStage.Idle || Id.Normalize() != id || Delivery.ReplyTo != replyTo)
            {
                return false;
            }

            _isCancelledByCaller = true;
            _context?.Cancel();
            return true;
        }
    }

    private RpcCallContext CreateContext(RpcMethod method) => ServedContext.Create(Delivery, Headers, Id, method, Deadline, deadlines.Time);

    private void Begin(Delivery delivery, CorrelationId id, string? type, long? budget, ReadOnlyMemory<byte> body)
    {
        Kind = MessageKinds.OfRequest(type);
        Type = type;
        Budget = budget is { } asked ? Math.Min(asked, (long)RpcTimeouts.Longest.TotalMilliseconds) : null;
        Body = body;
        lock (_gate)
        {
            Debug.Assert(_stage == ServedCallStage.Idle, "The object was reset before it was pooled.");
            _stage = ServedCallStage.Accepted;
            Id = id;
            Delivery = delivery;
        }
    }
}
