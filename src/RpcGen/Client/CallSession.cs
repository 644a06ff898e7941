using System.Collections.Concurrent;
using RpcGen.Connections;
using RpcGen.Diagnostics;
using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Runtime;
using RpcGen.Transport;

namespace RpcGen.Client;

/// <summary>
/// All calls of a connection: sends them when there is a way, gives each its one outcome (reply, return, deadline,
/// cancellation, loss), and mends the way.
/// </summary>
internal sealed partial class CallSession : IAsyncDisposable, ICallLoad
{
    /// <summary>How long before a deadline the reason for missing it is looked up.</summary>
    public static readonly TimeSpan ExpiryLead = TimeSpan.FromMilliseconds(500);

    private readonly string _broker;
    private readonly string? _userId;
    private readonly Supervisor<ITransportConnection> _connections;
    private readonly Supervisor<CallLink> _links;
    private readonly CallSender _sender;
    private readonly QueueProbe _probe;
    private readonly CancelSender _cancels;
    private readonly ConcurrentDictionary<Type, object> _pools = new();
    private readonly ConcurrentDictionary<(string Queue, bool IsAtMostOnce), CallLane> _lanes = new();
    private volatile CallSessionState _state;

    public CallSession(
        string broker, Supervisor<ITransportConnection> connections, RpcEnvironment environment, int maxMessageBytes, bool batching, string? userId = null)
    {
        _broker = broker;
        _userId = userId;
        _connections = connections;
        Environment = environment;
        MaxMessageBytes = maxMessageBytes;
        Batching = batching;
        Cipher = new CallIdCipher(environment.Random);
        _probe = new QueueProbe(connections, environment);
        _cancels = new CancelSender(connections, environment);
        OneWay = new OneWaySender(new PublisherPool(connections, environment), cancellationToken => _links!.GetAsync(cancellationToken), _probe, environment);
        _sender = new CallSender(broker, () => _links!.Current, Table, environment.Time, userId);
        _links = new Supervisor<CallLink>($"The call channel to {broker}", OpenLinkAsync, environment)
        {
            OnOpened = _ => _sender.SendWaiting(),
            OnLost = (link, closure) => _sender.OnLost(link, closure),
        };
        RpcMetrics.ClientLoad.Add(this);
    }

    public RpcEnvironment Environment { get; }

    string ICallLoad.LoadName => _broker;

    /// <summary>The broker's host that calls go to; null while there is none, and within this process.</summary>
    public BrokerHost? Host => _links.Current?.Host;

    public int MaxMessageBytes { get; }

    /// <summary>Whether calls may share messages where their client does not say.</summary>
    public bool Batching { get; }

    public CallIdCipher Cipher { get; }

    public PendingCallTable Table { get; } = new();

    /// <summary>Why calls can't go out, as a clause for messages; null while they can.</summary>
    public string? Trouble => _links.Current is not null ? null : _connections.Current is null ? _connections.DownReason : _links.DownReason;

    /// <summary>Why the broker takes no messages at the moment; null while it does, or where there is no way to it.</summary>
    public string? BlockedReason => _links.Current?.BlockedReason;

    /// <summary>Sends what nobody waits for an answer to.</summary>
    public OneWaySender OneWay { get; }

    public Task StartAsync(CancellationToken cancellationToken) => _links.StartAsync(cancellationToken);

    /// <summary>Opens the way as soon as there is a connection; calls wait for it.</summary>
    public void StartInBackground() => _links.StartInBackground();

    /// <summary>Completes when calls can go out.</summary>
    /// <exception cref="ObjectDisposedException">They never will.</exception>
    public Task WaitUntilOpenAsync(CancellationToken cancellationToken) => _links.GetAsync(cancellationToken);

    /// <summary>When a call has to be over. It inherits what remains of the call that the caller is handling, if that is less.</summary>
    public long GetDeadline(RpcMethod method, ref TimeSpan timeout)
    {
        if (RpcCallContext.Current is { } handling)
        {
            TimeSpan remaining = handling.Remaining;
            if (remaining == TimeSpan.Zero)
            {
                throw new RpcTimeoutException($"'{method.Name}' was not sent: the deadline of '{handling.Method}', which makes this call, has passed.");
            }

            if (remaining != Timeout.InfiniteTimeSpan && (timeout == Timeout.InfiniteTimeSpan || remaining < timeout))
            {
                timeout = remaining;
            }
        }

        return timeout == Timeout.InfiniteTimeSpan
            ? long.MaxValue
            : Environment.Time.GetTimestamp() + (long)(timeout.TotalSeconds * Environment.Time.TimestampFrequency);
    }

    /// <summary>Takes over a call that is prepared.</summary>
    /// <remarks>The caller does not have the task yet, so that the call cannot be used again meanwhile.</remarks>
    public void Submit(PendingCall call, long generation, bool failFast)
    {
        if (failFast)
        {
            _ = SubmitIfServedAsync(call, generation, call.Method, call.Service);
        }
        else
        {
            _sender.Enqueue(call, generation);
        }

        Interlocked.MemoryBarrier();
        if (IsClosedFor(call))
        {
            call.TryFail(generation, new ObjectDisposedException(nameof(RpcConnection)));
        }
    }

    /// <summary>A request for <see cref="OneWay"/>.</summary>
    public OneWayRequest CreateOneWay(RpcMethod method, ServiceAddress service, byte priority, byte[] body, TimeSpan timeout) =>
        new(method, service, new CorrelationId(Environment.Random.NextBits() | 1), priority, body, timeout, _broker) { UserId = _userId };

    /// <summary>The deadline has passed.</summary>
    public void Expire(PendingCall call, long generation)
    {
        if (call is PendingBatch batch)
        {
            batch.TryFinishUse(generation); // its calls have deadlines of their own
            return;
        }

        // All that the message needs is read before the call is ended, for then its object may be used again.
        CallLink? link = _links.Current;
        RpcMethod method = call.Method;
        string queue = call.Service.Queue;
        int sendings = call.Sendings;
        var report = new TimeoutReport(method.Name, call.Id.ToString(), queue, _broker, call.Timeout)
        {
            Trouble = link is null ? Trouble : null,
            BlockedReason = link?.BlockedReason,
            Queue = _probe.Latest(queue),
        };
        if (call.TryFinish(generation, out CallStage was))
        {
            call.SetException(new RpcTimeoutException(report.Describe(wasSent: was == CallStage.Sent, wasLost: sendings > (was == CallStage.Sent ? 1 : 0))));
        }
    }

    /// <summary>The deadline is near: what can be said about the queue is looked up.</summary>
    public void PrepareExpiry(PendingCall call)
    {
        if (call is not PendingBatch && _links.Current is not null)
        {
            _ = _probe.InspectAsync(call.Service.Queue);
        }
    }

    /// <summary>The caller has given up.</summary>
    public void Cancel(PendingCall call, long generation, CancellationToken cancellationToken)
    {
        CancelledCall? cancelled = call.Link is { } link && call.Service.BodyStyle != RpcBodyStyle.Bare
            ? new CancelledCall(call.Service.Queue, link.ReplyTo, call.Id, call.RemainingMilliseconds())
            : null;
        if (call.TryFinish(generation, out CallStage was))
        {
            call.SetException(new OperationCanceledException(cancellationToken));
            if (was == CallStage.Sent && cancelled is not null)
            {
                _cancels.Send(cancelled);
            }
        }
    }

    /// <summary>The broker takes messages again, or no more. Told on the thread that reads from the broker, which must go on.</summary>
    public void OnBlockedChanged() => ThreadPool.UnsafeQueueUserWorkItem(static session => session.SendAfterBlock(), this, preferLocal: false);

    /// <summary>The way of calls to a queue that may share messages: those that run at most once have one of their own, for they are acknowledged otherwise.</summary>
    public CallLane GetLane(string queue, bool isAtMostOnce) => _lanes.GetOrAdd(
        (queue, isAtMostOnce),
        static (_, session) => new CallLane(session, session._sender, session.Environment.Time),
        this);

    /// <summary>The pool of calls with this type of result.</summary>
    public CallPool<TResult> GetPool<TResult>() => (CallPool<TResult>)_pools.GetOrAdd(typeof(TResult), static (_, session) => new CallPool<TResult>(session), this);

    /// <summary>
    /// Fails what is pending and takes nothing more, except what handlers call: these are being drained, and what they
    /// have begun they may end.
    /// </summary>
    public void Close()
    {
        Close(CallSessionState.Closing);
        OneWay.Close();
    }

    public async ValueTask DisposeAsync()
    {
        Close(CallSessionState.Closed);
        await OneWay.DisposeAsync().ConfigureAwait(false);
        RpcMetrics.ClientLoad.Remove(this);
        foreach (CallLane lane in _lanes.Values)
        {
            lane.Dispose();
        }

        await _cancels.DisposeAsync().ConfigureAwait(false);
        await _probe.DisposeAsync().ConfigureAwait(false);
        await _links.DisposeAsync().ConfigureAwait(false);
    }

    (int Active, int Queued) ICallLoad.CountCalls()
    {
        int active = 0;
        int queued = 0;
        foreach (PendingCall call in Table.Snapshot())
        {
            CallStage stage = call.Current.Stage;
            active += stage is CallStage.Idle or CallStage.Done || call is PendingBatch ? 0 : 1;
            queued += stage == CallStage.Waiting ? 1 : 0;
        }

        return (active, queued);
    }

    private void Close(CallSessionState state)
    {
        _state = state;
        Interlocked.MemoryBarrier(); // callers write the table, then look at the state
        foreach (PendingCall call in Table.Snapshot())
        {
            (long generation, CallStage stage) = call.Current;
            if (stage is not (CallStage.Idle or CallStage.Done) && IsClosedFor(call))
            {
                call.TryFail(generation, new RpcConnectionException(
                    $"The connection to {_broker} was disposed while '{call.Method.Name}' (call {call.Id}) was pending. Its outcome is unknown: it may have run and may still run."));
            }
        }
    }

    private bool IsClosedFor(PendingCall call) => _state == CallSessionState.Closed || (_state == CallSessionState.Closing && !call.IsNested);

    private async Task<CallLink> OpenLinkAsync(TransportClosure? last, CancellationToken cancellationToken)
    {
        ITransportConnection connection = await _connections.GetAsync(cancellationToken).ConfigureAwait(false);
        string replyTo = WireNames.CallbackQueuePrefix + Environment.Random.NextBits().ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
        return await CallLink.OpenAsync(this, connection, replyTo, cancellationToken).ConfigureAwait(false);
    }

    private void SendAfterBlock()
    {
        try
        {
            _sender.SendWaiting();
        }
#pragma warning disable CA1031 // A listener's failure or a clock's must not end the process: those that wait are sent later, or run into their deadlines.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.CallbackFailed(Environment.Log, $"The call channel to {_broker}", e);
        }
    }

    private async Task SubmitIfServedAsync(PendingCall call, long generation, RpcMethod method, ServiceAddress service)
    {
        QueueReport report = await _probe.InspectAsync(service.Queue).ConfigureAwait(false);
        if (report is { IsKnown: true, State.Consumers: 0 })
        {
            call.TryFail(generation, new RpcUnavailableException(
                $"'{method.Name}' was not sent: {report.Describe(service.Queue)} on {_broker}. Start a server for it, or call without FailFast to wait for one.",
                service.Queue));
        }
        else
        {
            _sender.Enqueue(call, generation);
        }
    }
}

/// <summary>Which calls a session takes.</summary>
internal enum CallSessionState
{
    /// <summary>All.</summary>
    Open,

    /// <summary>Those of handlers.</summary>
    Closing,

    /// <summary>None.</summary>
    Closed,
}
