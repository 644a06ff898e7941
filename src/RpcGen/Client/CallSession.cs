using System.Collections.Concurrent;
using RpcGen.Client.Batching;
using RpcGen.Client.Calls;
using RpcGen.Client.Cancelling;
using RpcGen.Client.OneWay;
using RpcGen.Client.Probing;
using RpcGen.Connections;
using RpcGen.Diagnostics;
using RpcGen.Generated;
using RpcGen.Runtime;
using RpcGen.Transport;

namespace RpcGen.Client;

/// <summary>
/// All calls of a connection. Puts the parts of the client together, accepts calls until it is closed, and passes on the
/// events of the link. Thread-safe.
/// </summary>
internal sealed class CallSession : ICallLinkEvents, ICallLoad, IAsyncDisposable
{
    private readonly string _linkName;
    private readonly CallLinks _links;
    private readonly CallSender _sender;
    private readonly BatchSender _batchSender;
    private readonly BatchPool _batchPool;
    private readonly CallEventHandler _endings;
    private readonly BatchReplyReader _batchReplies;
    private readonly ReplyRouter _router;
    private readonly SlotTable<PendingMessage> _table;
    private readonly ConcurrentDictionary<Type, object> _pools = new();
    private readonly WeakTable<(RequestRoute Route, bool IsAtMostOnce), RequestBatcher> _batchers = new();
    private volatile SessionState _state;

    /// <summary>Creates the session; <see cref="StartAsync"/> opens its first link.</summary>
    public CallSession(SessionSettings settings, Supervisor<ITransportConnection> connections, RpcEnvironment environment)
    {
        Settings = settings;
        Environment = environment;
        Queues = new QueueRecords(environment.Time);
        Quota = settings.MaxPendingCalls is { } max ? new CallQuota(max, "RpcConnectionOptions.MaxPendingCalls") : null;
        _linkName = $"The call channel to {settings.Broker}";
        _table = new SlotTable<PendingMessage>(new CallIdCipher(environment.Random));
        _links = new CallLinks(_linkName, connections, environment, this, settings.ReplyExchange);
        Probe = new QueueProbe(connections, environment);
        Instances = new InstanceSender(connections, environment);
        OneWay = new OneWaySender(new PublisherPool(connections, environment), _links, Probe, new OneWayFailures(settings.Broker, settings.UserName), environment);

        var (dropped, replies, overdue) = (new DroppedReplies(environment.Log), new ReplyReader(settings.MaxMessageBytes), new OverdueWatch(_table, environment.Time));
        _batchSender = new BatchSender(_links, environment.Time, settings.SendsUser, overdue);
        _batchPool = new BatchPool(() => _batchReplies!, _table, environment.Time);
        var failures = new CallExceptions(settings.Broker, settings.UserName);
        LongCalls = new LongCallEvents(_table, replies, failures, dropped, Instances);
        var sentBack = new SentBackCalls(_batchSender, _batchPool, dropped, _table, LongCalls);
        LongCalls.SentBack = sentBack;
        _sender = new CallSender(_links, _table, environment.Time, settings.SendsUser, sentBack, overdue);
        _endings = new CallEventHandler(settings.Broker, _links, _sender, replies, failures, Probe, Instances, dropped, LongCalls);
        _batchReplies = new BatchReplyReader(_table, _sender, _endings, replies, dropped, environment.Log);
        _router = new ReplyRouter(_table, _batchReplies, sentBack, LongCalls, dropped);
        RpcMetrics.ClientLoad.Add(this);
    }

    /// <summary>The settings of all calls.</summary>
    public SessionSettings Settings { get; }

    /// <summary>Time, randomness and log.</summary>
    public RpcEnvironment Environment { get; }

    /// <summary>The broker's limit for requests.</summary>
    public MessageLimit MessageLimit => _links.MessageLimit;

    /// <summary>The limit of pending calls; null for none.</summary>
    public CallQuota? Quota { get; }

    /// <summary>What is known of the queues that are called.</summary>
    public QueueRecords Queues { get; }

    /// <summary>Inspects queues.</summary>
    public QueueProbe Probe { get; }

    /// <summary>Sends cancellations and questions to instances.</summary>
    public InstanceSender Instances { get; }

    /// <summary>Sends requests without a reply.</summary>
    public OneWaySender OneWay { get; }

    /// <summary>Decides about long calls.</summary>
    public LongCallEvents LongCalls { get; }

    /// <summary>The link that calls go to; null without one.</summary>
    public CallLink? Link => _links.Current;

    /// <summary>Why calls cannot go out, as a clause for messages; null if they can.</summary>
    public string? UnavailableReason => _links.UnavailableReason;

    /// <summary>Why the broker blocks publishers; null if it does not, or without a link.</summary>
    public string? BlockedReason => _links.Current?.BlockedReason;

    /// <summary>The number of calls without an outcome.</summary>
    public int PendingCount => PendingCalls.Count();

    string ICallLoad.LoadName => Settings.Broker;

    /// <summary>How much is kept of the queues that clients call.</summary>
    internal int KnownQueues => Math.Max(_batchers.Count, Queues.Count);

    private IEnumerable<PendingCall> PendingCalls => _table.Snapshot().OfType<PendingCall>().Where(call => call.Current.Stage is not (CallStage.Idle or CallStage.Done));

    /// <summary>Opens the first link. The first failure is thrown.</summary>
    public Task StartAsync(CancellationToken cancellationToken) => _links.StartAsync(cancellationToken);

    /// <summary>Opens a link as soon as there is a connection. Calls wait for it.</summary>
    public void StartInBackground() => _links.StartInBackground();

    /// <summary>Completes when calls can go out.</summary>
    /// <exception cref="ObjectDisposedException">The session was disposed before.</exception>
    public Task WaitUntilOpenAsync(CancellationToken cancellationToken) => _links.GetAsync(cancellationToken);

    /// <summary>Accepts a prepared call.</summary>
    /// <param name="call">The call. Its caller does not have the task yet, so the object stays in this use until this returns.</param>
    /// <param name="generation">The use.</param>
    /// <param name="failFast">Whether the call fails if the queue has no consumer.</param>
    /// <param name="batching">How the call can be batched; null if it cannot.</param>
    public void Submit(PendingCall call, long generation, bool failFast, MethodBatching? batching)
    {
        if (failFast)
        {
            _ = SendIfServedAsync(call, generation, batching);
        }
        else
        {
            Send(call, generation, batching);
        }

        // Two sides race: this thread entered the call into the table and now reads the state; Close writes the state and
        // then reads the table. With a barrier on each side at least one of them ends the call.
        Interlocked.MemoryBarrier();
        if (IsClosedFor(call))
        {
            CallEventHandler.OnStartedAfterDisposal(call, generation);
            StopWatchingIfClosed(call);
        }
    }

    /// <summary>A new correlation id for a request without a reply.</summary>
    public CorrelationId CreateOneWayId() => new(Environment.Random.NextBits() | 1); // zero means "none"

    /// <summary>Batching of one method's calls, together with other methods' calls on the same route.</summary>
    public MethodBatching CreateBatching(RpcMethod method, RequestRoute route) => new(method.Name, GetBatcher(route, method.IsAtMostOnce));

    /// <summary>The batcher of a route.</summary>
    /// <remarks>Methods that run at most once are batched apart from the others: servers acknowledge their messages earlier.</remarks>
    public RequestBatcher GetBatcher(RequestRoute route, bool isAtMostOnce) => _batchers.GetOrAdd(
        (route, isAtMostOnce),
        static (key, session) => new RequestBatcher(key.Route.Exchange, session._sender, session._batchSender.TrySendBatch, session._batchPool, session.Environment.Time),
        this);

    /// <summary>The pool of calls with this type of result.</summary>
    public ReceiverPool<TResult> GetPool<TResult>() => (ReceiverPool<TResult>)_pools.GetOrAdd(
        typeof(TResult),
        static (_, session) => new ReceiverPool<TResult>(session._endings, session._table, session.Environment.Time),
        this);

    /// <summary>
    /// Fails the pending calls and accepts no more, except for calls that handlers make: servers are being drained, and
    /// their handlers can finish.
    /// </summary>
    public void Close()
    {
        Close(SessionState.Closing);
        OneWay.Close();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Close(SessionState.Closed);
        await OneWay.DisposeAsync().ConfigureAwait(false);
        RpcMetrics.ClientLoad.Remove(this);
        _batchers.Values.ForEach(batcher => batcher.Dispose());
        await Instances.DisposeAsync().ConfigureAwait(false);
        await Probe.DisposeAsync().ConfigureAwait(false);
        await _links.DisposeAsync().ConfigureAwait(false);
        _table.Snapshot().ToList().ForEach(StopWatchingIfClosed);
    }

    /// <inheritdoc/>
    (int Active, int Queued) ICallLoad.CountCalls()
    {
        CallStage[] stages = [.. PendingCalls.Select(call => call.Current.Stage)];
        return (stages.Length, stages.Count(stage => stage == CallStage.Waiting));
    }

    void ICallLinkEvents.OnOpened() => _sender.SendWaiting();

    void ICallLinkEvents.OnReply(in IncomingMessage reply) => _router.OnReply(in reply);

    void ICallLinkEvents.OnReturned(in ReturnedMessage message) => _router.OnReturned(in message);

    void ICallLinkEvents.OnNacked(CorrelationId message) => _router.OnNacked(message);

    void ICallLinkEvents.OnExchangeKnown() => SendWaiting();

    void ICallLinkEvents.OnOpeningRefused(TransportRefusedException refusal) => PendingCalls
        .Select(call => (Call: call, call.Current.Generation, call.Current.Stage)).Where(use => use.Stage == CallStage.Waiting).ToList().ForEach(use => _endings.OnLinkRefused(use.Call, use.Generation, refusal));

    void ICallLinkEvents.OnBlockedChanged() => ThreadPool.UnsafeQueueUserWorkItem(static session => session.SendWaiting(), this, preferLocal: false);

    void ICallLinkEvents.OnLost(CallLink link, string reason)
    {
        foreach (PendingMessage message in _table.Snapshot())
        {
            (long generation, CallStage stage) = message.Current;
            if (stage == CallStage.Sent && message.Link == link)
            {
                message.OnLinkLost(generation, link, reason);
            }
        }

        if (link.LostCalls is { Resent: var resent, Failed: var failed } && resent + failed > 0)
        {
            Log.CallsLost(Environment.Log, resent, failed, _linkName);
        }
    }

    private void Send(PendingCall call, long generation, MethodBatching? batching)
    {
        if (!call.TryMove(generation, CallStage.Preparing, CallStage.Waiting))
        {
            return; // it has its outcome already
        }

        if (batching is { CanBatch: true } && MessageLimit.MaxBytes >= RequestBatcher.LeastBrokerBytes && call.Body.Length <= RequestBatcher.MaxBodyBytes && RequestHeaders.CanBatch(call.Headers))
        {
            batching.Send(call, generation);
        }
        else
        {
            _sender.TrySend(call, generation);
        }
    }

    private async Task SendIfServedAsync(PendingCall call, long generation, MethodBatching? batching)
    {
        QueueReport report = await Probe.InspectAsync(call.Route.Queue).ConfigureAwait(false);
        if (!call.TryPin(generation))
        {
            return; // the call ended meanwhile, and its object can be in use for another one
        }

        try
        {
            if (report.IsUnserved)
            {
                _endings.OnUnserved(call, generation, report);
            }
            else
            {
                Send(call, generation, batching);
            }
        }
        finally
        {
            call.Unpin();
        }
    }

    private void Close(SessionState state)
    {
        _state = state;
        Interlocked.MemoryBarrier(); // the other side of the race described in Submit
        foreach (PendingMessage message in _table.Snapshot())
        {
            long generation = message.Current.Generation;
            if (message is PendingCall call && IsClosedFor(call))
            {
                _endings.OnDisposed(call, generation);
            }
        }
    }

    /// <summary>A timer that waits for the deadline of an ended call would keep the session in memory until then.</summary>
    private void StopWatchingIfClosed(PendingMessage message) => (_state == SessionState.Closed ? message : null)?.StopWatching();

    private bool IsClosedFor(PendingCall call) => _state == SessionState.Closed || (_state == SessionState.Closing && call.Origin == CallOrigin.Application);

    private void SendWaiting()
    {
        try
        {
            _sender.SendWaiting();
        }
#pragma warning disable CA1031 // A failure of a listener or clock must not end the process. The waiting calls are sent later or time out.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.CallbackFailed(Environment.Log, _linkName, e);
        }
    }
}
