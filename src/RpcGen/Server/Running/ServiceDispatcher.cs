using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using RpcGen.Connections;
using RpcGen.Diagnostics;
using RpcGen.Protocol;
using RpcGen.Runtime;
using RpcGen.Server.Acknowledging;
using RpcGen.Server.Introspection;
using RpcGen.Server.Replying;
using RpcGen.Server.Settings;
using RpcGen.Server.Watching;

namespace RpcGen.Server.Running;

/// <summary>
/// Checks a request and runs it. <see cref="CheckAndRunAsync"/> reads from top to bottom: message, kind, method, deadline,
/// at-most-once check, handler.
/// </summary>
internal sealed class ServiceDispatcher
{
    private readonly ServerSettings _settings;
    private readonly FrozenDictionary<string, MethodHandler> _handlers;
    private readonly RpcEnvironment _environment;
    private readonly MethodCounters _otherRequests = new();
    private readonly ReservedRequests _reserved;
    private readonly CallFaults _failures;
    private readonly BatchOpener _batches;
    private readonly SendBackPolicy _sendBack;
    private readonly CallLabel _unknownMethods;
    private readonly MessageLimit _brokerLimit;

    /// <param name="settings">The server's settings.</param>
    /// <param name="handlers">The handlers of the contract's methods.</param>
    /// <param name="environment">Time, randomness, log.</param>
    /// <param name="descriptionAccess">Who gets the server's description; null for everyone.</param>
    /// <param name="brokerLimit">The broker's limit for replies; null if none is known.</param>
    public ServiceDispatcher(
        ServerSettings settings, IReadOnlyCollection<MethodHandler> handlers, RpcEnvironment environment, DescriptionAccess? descriptionAccess = null, MessageLimit? brokerLimit = null)
    {
        _settings = settings;
        _brokerLimit = brokerLimit ?? new MessageLimit();
        _handlers = handlers.ToFrozenDictionary(handler => handler.Method.Name, StringComparer.Ordinal);
        _environment = environment;
        Statistics = new InstanceStatistics(handlers, _otherRequests, settings.MaxConcurrentCalls);
        Watches = new CallWatches(environment);
        Overload = new OverloadGuard(settings, environment);
        Delay = new QueueDelay(settings.QueueName, environment);
        Places = new HeldPlaces(settings.QueueName, settings.MaxConcurrentCalls, environment.Time, environment.Log);
        _failures = new CallFaults(settings, environment, Places);
        var describer = new ServiceDescriber(settings.Contract, settings.QueueName, [.. handlers.Select(handler => handler.Method)], environment, Statistics.Write, descriptionAccess is not null);
        Watches.Instance = describer.InstanceId;
        _reserved = new ReservedRequests(settings, describer, descriptionAccess, _failures, Overload, Watches, environment);
        var methods = new KnownNames(_handlers.Keys);
        _batches = new BatchOpener(methods);
        _sendBack = new SendBackPolicy(_handlers, methods);
        _unknownMethods = new CallLabel(settings.Contract.Queue, TelemetryNames.Other, settings.QueueName);
        foreach (MethodHandler handler in handlers)
        {
            handler.Label = new CallLabel(settings.Contract.Queue, handler.Method.Name, settings.QueueName);
        }
    }

    /// <summary>Decides what the server refuses.</summary>
    public OverloadGuard Overload { get; }

    /// <summary>How long requests wait in the queue.</summary>
    public QueueDelay Delay { get; }

    /// <summary>The server's places.</summary>
    public HeldPlaces Places { get; }

    /// <summary>What the server tells about its calls.</summary>
    public InstanceStatistics Statistics { get; }

    /// <summary>Those who are told of calls as they end.</summary>
    public CallWatches Watches { get; }

    /// <summary>The calls that still run, although their channels are lost.</summary>
    public LostRuns LostRuns { get; } = new();

    /// <summary>The long calls of the server; null if none is long.</summary>
    public LongCalls? LongCalls { get; set; }

    /// <summary>The queue that is served.</summary>
    public string Queue => _settings.QueueName;

    private bool IsBare => _settings.BodyStyle == RpcBodyStyle.Bare;

    /// <summary>Handles a request up to its outcome; the reply is then in <see cref="ServerCall.Reply"/>. Never throws.</summary>
    /// <param name="call">The call.</param>
    /// <param name="acknowledgeEarly">Acknowledges the request of an at-most-once method before it runs.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<CallOutcome> HandleAsync(ServerCall call, Func<ServerCall, ValueTask> acknowledgeEarly)
    {
        MethodHandler? handler = FindHandler(call);
        MethodCounters counters = handler?.Counters ?? _otherRequests;
        counters.Enter();
        CallOutcome outcome;
        try
        {
            outcome = await CheckAndRunAsync(call, handler, acknowledgeEarly).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // The last resort: a failure of the runtime must be answered too, and must not end the server.
        catch (Exception e)
#pragma warning restore CA1031
        {
            outcome = _failures.FailSafely(call, e);
        }

        long? duration = EndRun(call, handler);
        counters.Leave(outcome, duration, _environment.Time.TimestampFrequency);
        if (outcome is (CallOutcome.Replied or CallOutcome.Faulted) && call.Reply.Length > Math.Min(_settings.MaxMessageBytes, _brokerLimit.MaxBytes))
        {
            outcome = _failures.RefuseReply(call, _brokerLimit.MaxBytes);
        }

        if (Watches.Active is { } active)
        {
            EndedCalls.Report(Watches, active, call, handler?.Method, outcome, duration, _environment.Time);
        }

        return outcome;
    }

    /// <summary>Whether a call that has been running for a while becomes long. A request that goes back to its caller does not.</summary>
    public bool IsWorthBeingLong(ServerCall call, long now) =>
        FindHandler(call) is { } handler && LongCalls!.IsWorthIt(call, handler.Method, now) && (IsBare || call.IsBatched || !_sendBack.Covers(call, handler));

    /// <summary>Reads the calls of a batch. False if it cannot be read: it becomes a fault in <see cref="ServerCall.Reply"/>.</summary>
    public bool TryOpenBatch(ServerCall batch, Func<ServerCall> rent, List<ServerCall> calls)
    {
        try
        {
            _batches.Open(batch, rent, calls);
            return true;
        }
        catch (RpcProtocolException e)
        {
            _failures.Refuse(batch, FaultCodes.Protocol, e.Message);
            return false;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<CallOutcome> CheckAndRunAsync(ServerCall call, MethodHandler? handler, Func<ServerCall, ValueTask> acknowledgeEarly)
    {
        call.IsOneWay = !call.IsBatched && string.IsNullOrEmpty(call.Delivery.ReplyTo) && (handler?.Method.IsOneWay ?? call.Kind == MessageKind.Call);
        if (!call.IsBatched && CheckMessage(call) is { } refusal)
        {
            return refusal;
        }

        if (!IsBare && !call.IsBatched && _sendBack.Covers(call, handler))
        {
            return CallOutcome.SentBack;
        }

        if (call.Kind != MessageKind.Call && handler is null)
        {
            return await _reserved.HandleAsync(call).ConfigureAwait(false);
        }

        Observe(call, handler);
        if (handler is null)
        {
            return _failures.Refuse(call, FaultCodes.UnknownMethod, call.Type is null ? "The request names no method in its type property." : $"Queue '{_settings.QueueName}' serves no method '{call.Type}'.");
        }

        bool isInTime = RequestBudget.TryGetDeadline(call, handler.Method.Timeout, _settings.LongestBudgetOf(handler.Method), _environment.Time, out long deadline);
        call.Deadline = deadline;
        if (!isInTime)
        {
            return _failures.EndLate(call, handler.Method, cameInTime: false);
        }

        if (Overload.Refuses(call, handler.Durations, out TimeSpan retryAfter))
        {
            return _failures.RefuseOverload(call, retryAfter);
        }

        if (handler.Method.IsAtMostOnce)
        {
            if (call.Delivery.IsRedelivered)
            {
                return _failures.Refuse(call, FaultCodes.Interrupted, $"'{handler.Method.Name}' runs at most once, and the broker delivered this request before. It may have run then, so it is not run again.");
            }

            await acknowledgeEarly(call).ConfigureAwait(false);
        }

        if (LongCalls is { } longCalls && !longCalls.TryBegin(call, handler.Method))
        {
            return _failures.RefuseLongCall(call, longCalls.Max);
        }

        return await RunAsync(call, handler).ConfigureAwait(false);
    }

    /// <summary>Notes how long the method ran, in ticks of the clock. Null if it did not run.</summary>
    private long? EndRun(ServerCall call, MethodHandler? handler)
    {
        if (handler is null || call.StartedAt is not { } startedAt)
        {
            return null;
        }

        long duration = _environment.Time.GetTimestamp() - startedAt;
        handler.Durations.Add(duration);
        return duration;
    }

    private MethodHandler? FindHandler(ServerCall call) =>
        call.Type is null
            ? IsBare ? _handlers.Values[0] : null
            : _handlers.GetValueOrDefault(call.Type);

    /// <summary>Checks what the calls of a message share; null if it is in order.</summary>
    private CallOutcome? CheckMessage(ServerCall call)
    {
        Delivery delivery = call.Delivery;
        if (!call.IsOneWay && !ReplyAddressPolicy.IsAllowed(delivery.ReplyTo, _settings.BodyStyle, _settings.ReplyExchange, _settings.IsServedHere))
        {
            string reason = string.IsNullOrEmpty(delivery.ReplyTo) ? "it has no reply_to" : $"its reply_to '{delivery.ReplyTo}' is not a callback address";
            return _failures.Drop(call, TelemetryNames.Unanswerable, delivery.IsUnreadable ? $"it has unreadable headers, and {reason}" : reason);
        }

        if (delivery.IsUnreadable)
        {
            return _failures.Refuse(call, FaultCodes.Protocol, "The request has unreadable headers, or a body that is too large. Nest headers at most 16 levels deep, and send decimals with a scale of at most 28.");
        }

        if (!ContentTypes.IsReadable(call.Kind, delivery.ContentType, delivery.ContentEncoding))
        {
            return _failures.Refuse(call, FaultCodes.Protocol, $"A request of content type '{delivery.ContentType}' and encoding '{delivery.ContentEncoding}' is not understood. Send {ContentTypes.Of(call.Kind)} without an encoding.");
        }

        if (delivery.BodyLength > _settings.MaxMessageBytes)
        {
            return _failures.Refuse(call, FaultCodes.TooLarge, $"The request has {delivery.BodyLength} bytes, more than the limit of {_settings.MaxMessageBytes}.");
        }

        return null;
    }

    /// <summary>Starts the call's span and measurement if anyone listens. The span becomes current for the calling method.</summary>
    private void Observe(ServerCall call, MethodHandler? handler)
    {
        CallLabel label = handler?.Label ?? _unknownMethods;
        if (ServerObservation.Begin(label, _environment.Time, call.Delivery.ReceivedAt, call.TraceParent, call.Headers, _environment.CallLog) is { } observation)
        {
            call.Observation = observation;
            observation.Describe(call.Id.ToString(), handler is null ? call.Type : null, call.Delivery.MayHaveRun);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<CallOutcome> RunAsync(ServerCall call, MethodHandler handler)
    {
        using IDisposable? scope = _environment.Log.IsEnabled(LogLevel.Critical)
            ? _environment.Log.BeginScope(new CallLogScope(handler.Method.Name, call.Id.ToString()))
            : null;
        try
        {
            await handler.RunAsync(call).ConfigureAwait(false);
        }
        catch (RpcValidationException e) when (!call.HasStarted)
        {
            return _failures.RefuseArguments(call, e);
        }
        catch (RpcProtocolException e) when (!call.HasStarted)
        {
            return _failures.Refuse(call, FaultCodes.Protocol, e.Message);
        }
#pragma warning disable CA1031 // Every exception of a handler becomes a fault.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return _failures.FromException(call, handler.Method, e);
        }

        if (!call.HasStarted)
        {
            return call.IsCancelledByCaller || call.IsAbandoned || call.Answer.GivenUp is not null ? CallOutcome.Dropped : _failures.EndLate(call, handler.Method, cameInTime: true);
        }

        return call.IsOneWay ? CallOutcome.Completed : CallOutcome.Replied;
    }
}
