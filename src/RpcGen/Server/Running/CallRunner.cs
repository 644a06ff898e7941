using System.Runtime.CompilerServices;
using RpcGen.Diagnostics;
using RpcGen.Protocol;
using RpcGen.Runtime;
using RpcGen.Server.Acknowledging;
using RpcGen.Server.Replying;
using RpcGen.Server.Settings;
using RpcGen.Server.Streaming;
using RpcGen.Transport;

namespace RpcGen.Server.Running;

/// <summary>
/// Runs the calls of one channel: schedules them, has them dispatched, writes their replies, and ends their deliveries.
/// Thread-safe.
/// </summary>
internal sealed class CallRunner : ICallRunner, IDisposable
{
    private readonly ServiceDispatcher _dispatcher;
    private readonly AckTracker _acks;
    private readonly ReplySender _sender;
    private readonly LostRuns _lostRuns;
    private readonly RpcEnvironment _environment;
    private readonly TimeProvider _time;
    private readonly SingleReplies _singleReplies;
    private readonly CallScheduler _scheduler;
    private readonly EarliestDeadline _deadlines;
    private readonly HeldCalls _held;
    private readonly EarlyAcks _early;
    private readonly Func<ServerCall, ValueTask> _acknowledgeEarly;
    private readonly OpenStreams? _streams;
    private readonly LongCalls? _longCalls;
    private readonly DeadLetters? _deadLetters;
    private readonly Func<ServerCall> _rent;
    private volatile bool _isDisposed;

    public CallRunner(ServiceDispatcher dispatcher, AckTracker acks, EarlyAcks early, ReplySender sender, RpcEnvironment environment, ServerSettings settings, ConsumerLimit limit, OpenStreams? streams = null, DeadLetters? deadLetters = null)
    {
        _streams = streams;
        _deadLetters = deadLetters;
        _dispatcher = dispatcher;
        _acks = acks;
        _sender = sender;
        _lostRuns = dispatcher.LostRuns;
        _environment = environment;
        _time = environment.Time;
        _singleReplies = new SingleReplies(sender, acks, _time);
        _deadlines = new EarliestDeadline(_time, CancelLate);
        _longCalls = dispatcher.LongCalls;
        _scheduler = new CallScheduler(this, _deadlines, settings.MaxConcurrentCalls, settings.MaxLongCalls, _longCalls?.Outside);
        _longCalls?.Outside.SetListener(_scheduler.OnPlaceFreed);
        _held = new HeldCalls(settings, limit, _scheduler, acks, environment, _longCalls is null ? null : new LongCallStart(_longCalls, dispatcher, _scheduler));
        long grace = (long)(HeldPlaces.Grace.TotalSeconds * _time.TimestampFrequency);
        dispatcher.Places.SetSource(threshold => _scheduler.FindOverdue(threshold, grace));
        dispatcher.Statistics.SetSource(() => _scheduler.Load);
        _early = early;
        _acknowledgeEarly = AcknowledgeEarlyAsync;
        _rent = _scheduler.Rent;
        Cancelled = new CancelledCalls(_time, TryCancel);
    }

    /// <summary>The calls that their callers cancelled before they started here.</summary>
    public CancelledCalls Cancelled { get; }

    /// <summary>How many calls run, and how many wait for a place.</summary>
    public (int Running, int Waiting) Load => _scheduler.Load;

    /// <summary>Accepts a message; it is handled now or when a place is free.</summary>
    public void Accept(Delivery delivery, in IncomingMessage message)
    {
        ServerCall call = _scheduler.Rent();
        call.Begin(delivery, in message);
        call.Replies = _singleReplies;
        _scheduler.Add(call);
        _held.Watch(delivery);
    }

    /// <summary>
    /// Gives up every call that has not ended: their tokens fire and their replies are discarded. Other servers get their
    /// requests, except those that were acknowledged early. Long calls that were taken over go on: their callers get the outcomes through the connection for streams.
    /// </summary>
    public AbandonedCalls Abandon()
    {
        var abandoned = new AbandonedCalls();
        _scheduler.AbandonAll(call =>
        {
            abandoned.Add(call.Delivery, call.Id);
            if (call.HasStarted)
            {
                _lostRuns.Add(call.Delivery.ReplyTo, call.Id);
            }
        });
        return abandoned;
    }

    public async Task RunAsync(ServerCall call)
    {
        Delivery delivery = call.Delivery;
        IReplyWriter replies = call.Replies;
        string? replyTo = delivery.ReplyTo;
        CorrelationId id = call.Id;
        AckDecision decision = AckDecision.Acknowledge;
        bool isParked = false;
        try
        {
            if (call.IsAbandoned || !_sender.IsOpen)
            {
                decision = AckDecision.Keep; // a lost channel is noticed here first: the broker may already have given its requests to another server
            }
            else if (call.Answer.GivenUp is { } settled)
            {
                await settled.ConfigureAwait(false);
            }
            else if (!call.IsCancelledByCaller && !Cancelled.TryTake(delivery.ReplyTo, call.Id))
            {
                bool wasParked = call.Room > 0;
                CallOutcome outcome = wasParked ? CallOutcome.Opened : await _dispatcher.HandleAsync(call, _acknowledgeEarly).ConfigureAwait(false);
                decision = outcome == CallOutcome.Opened && TryOpenBatch(call, out isParked)
                    ? AckDecision.LeaveToBatch
                    : await SettleAsync(call, outcome).ConfigureAwait(false);
            }
        }
        finally
        {
            if (!isParked) // a parked batch has given back its place, and runs again
            {
                End(call, delivery, replies, decision); // in every case, the call gives back its place
                _lostRuns.End(replyTo, id);
            }
        }
    }

    public void OnIdle() => _acks.Flush();

    public void Dispose()
    {
        _held.Dispose();
        _isDisposed = true;
        DisposeDeadlinesIfIdle();
    }

    /// <summary>Long calls can outlive the link, and still have deadlines.</summary>
    private void DisposeDeadlinesIfIdle()
    {
        if (_scheduler.Load.Running == 0)
        {
            _deadlines.Dispose();
        }
    }

    /// <summary>
    /// Cancels a stream that is open, or a call that runs, on this link or on an earlier one. A call that opens a stream can be both at the same time.
    /// </summary>
    private bool TryCancel(string replyTo, CorrelationId id) => (_streams?.TryCancel(replyTo, id) == true) | _scheduler.TryCancel(replyTo, id) | (_longCalls?.Peers.TryCancel(replyTo, id) == true);

    private long CancelLate(long now) => Math.Min(_scheduler.CancelLate(now), _dispatcher.Places.Check(now));

    /// <summary>
    /// Adds the calls of a batch to the scheduler. False if the batch cannot be read: it is then answered with the fault in its
    /// reply buffer. A parked batch can already run again elsewhere: it must not be touched.
    /// </summary>
    private bool TryOpenBatch(ServerCall batch, out bool isParked)
    {
        isParked = false;
        List<ServerCall> calls = _scheduler.RentList();
        if (!_dispatcher.TryOpenBatch(batch, _rent, calls))
        {
            return false;
        }

        var replies = new BatchReplies(_sender, _acks, _scheduler, _time, batch.Delivery, batch.Id, calls.Count);
        foreach (ServerCall call in calls)
        {
            call.Replies = replies;
        }

        isParked = !_scheduler.TryAdd(batch, calls);
        return true;
    }

    private async ValueTask AcknowledgeEarlyAsync(ServerCall call)
    {
        if (!await _early.AcknowledgeAsync(call.Delivery).ConfigureAwait(false))
        {
            call.Abandon();
        }
    }

    /// <summary>Answers or rejects a call, if it still needs that, and ends its observation.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<AckDecision> SettleAsync(ServerCall call, CallOutcome outcome)
    {
        bool isSettled;
        ILongCall? adopted = call.BeginAnswer();
        if (!call.Answer.TryTake())
        {
            await call.Answer.GivenUp!.ConfigureAwait(false);
            call.FaultCode = FaultCodes.Interrupted;
            isSettled = true;
        }
        else if (call.IsAbandoned)
        {
            isSettled = false;
        }
        else if (call.IsCancelledByCaller || outcome is CallOutcome.Dropped or CallOutcome.Completed)
        {
            isSettled = true;
        }
        else if (outcome == CallOutcome.Rejected)
        {
            isSettled = await TrySendToDeadLettersAsync(call).ConfigureAwait(false) || await _acks.RejectAsync(call.Delivery).ConfigureAwait(false);
        }
        else if (outcome == CallOutcome.SentBack)
        {
            await Task.WhenAny(_lostRuns.WhenOverAsync(call), _sender.Closed).ConfigureAwait(false);
            isSettled = await _sender.SendBackAsync(call.Delivery.ReplyTo!, call.Id, mayHaveRun: call.Delivery.IsRedelivered).ConfigureAwait(false);
        }
        else if (adopted is not null)
        {
            adopted.Answer(call.Reply.Written.Span, isFault: outcome != CallOutcome.Replied, call.ReplyHeaders);
            isSettled = true;
        }
        else
        {
            isSettled = await WriteReply(call, isFault: outcome != CallOutcome.Replied).ConfigureAwait(false);
        }

        EndObservation(call, isAnswered: isSettled && outcome != CallOutcome.Dropped && !call.IsCancelledByCaller);
        LogIfInVain(call);
        return isSettled ? AckDecision.Acknowledge : AckDecision.Keep;
    }

    private ValueTask<bool> TrySendToDeadLettersAsync(ServerCall call) =>
        _deadLetters?.TrySendAsync(call.Delivery, new DeadLetterReason(call.Id, call.Type, call.FaultCode ?? FaultCodes.Protocol, call.Delivery.RejectReason)) ?? new(false);

    private static ValueTask<bool> WriteReply(ServerCall call, bool isFault) => call.Replies.WriteAsync(new CallReply
    {
        Delivery = call.Delivery,
        Id = call.Id,
        Body = call.Reply.Written,
        IsFault = isFault,
        StartedAt = call.StartedAt,
        Headers = call.ReplyHeaders,
        Span = call.Observation?.Span,
    });

    private void End(ServerCall call, Delivery delivery, IReplyWriter replies, AckDecision decision)
    {
        bool isIdle = !_scheduler.Finish(call, out bool wasAdopted); // first: until then, other threads read the call's delivery
        if (decision != AckDecision.LeaveToBatch)
        {
            replies.EndCall(delivery, acknowledge: decision == AckDecision.Acknowledge, wasDetached: wasAdopted);
        }

        if (_isDisposed)
        {
            DisposeDeadlinesIfIdle();
        }

        if (isIdle)
        {
            _acks.Flush();
        }
    }

    /// <summary>Logs calls that their callers gave up, because the callers' exceptions name the ids.</summary>
    private void LogIfInVain(ServerCall call)
    {
        string? reason = call.IsCancelledByCaller ? "its caller had cancelled it"
            : call.Deadline <= _time.GetTimestamp() ? "its deadline had passed"
            : null;
        if (reason is not null)
        {
            double milliseconds = _time.GetElapsedTime(call.Delivery.ReceivedAt).TotalMilliseconds;
            Log.EndedInVain(_environment.CallLog, call.Id.ToString(), _dispatcher.Queue, call.Type, milliseconds, reason);
        }
    }

    /// <summary>Ends the call's span and measurement.</summary>
    private static void EndObservation(ServerCall call, bool isAnswered)
    {
        if (call.Observation is { } observation)
        {
            call.Observation = null;
            string? error = isAnswered
                ? FaultCodes.IsServersFailure(call.FaultCode) ? call.FaultCode : null
                : call.IsCancelledByCaller ? FaultCodes.Cancelled : call.IsAbandoned ? FaultCodes.Interrupted : FaultCodes.Timeout;
            observation.End(isAnswered ? call.FaultCode : null, error, call.Failure);
        }
    }
}
