using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using RpcGen.Diagnostics;
using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Runtime;
using RpcGen.Transport;

namespace RpcGen.Server;

/// <summary>What becomes of a request: the way of a call through the server, from top to bottom.</summary>
internal sealed partial class ServiceDispatcher
{
    /// <summary>More calls than this one message does not bring: so what a hostile one costs is bounded.</summary>
    private const int MaxBatchedCalls = 4096;

    private readonly string _queue;
    private readonly RpcBodyStyle _bodyStyle;
    private readonly FrozenDictionary<string, MethodHandler> _handlers;
    private readonly KnownNames _methods;
    private readonly RpcEnvironment _environment;
    private readonly RpcServerOptions _options;
    private readonly int _maxMessageBytes;
    private readonly Predicate<string> _isServedHere;
    private readonly Introspection _introspection;
    private readonly CallLabel _unknownMethods;

    public ServiceDispatcher(
        string queue,
        string contract,
        RpcBodyStyle bodyStyle,
        IReadOnlyCollection<MethodHandler> handlers,
        RpcEnvironment environment,
        RpcServerOptions options,
        int maxMessageBytes,
        Predicate<string> isServedHere,
        Introspection introspection)
    {
        _queue = queue;
        _bodyStyle = bodyStyle;
        _handlers = handlers.ToFrozenDictionary(handler => handler.Method.Name, StringComparer.Ordinal);
        _methods = new KnownNames(_handlers.Keys);
        _environment = environment;
        _options = options;
        _maxMessageBytes = maxMessageBytes;
        _isServedHere = isServedHere;
        _introspection = introspection;
        _unknownMethods = new CallLabel(contract, TelemetryNames.Other, queue);
        foreach (MethodHandler handler in handlers)
        {
            handler.Label = new CallLabel(contract, handler.Method.Name, queue);
        }
    }

    /// <summary>Handles a request up to its reply. Never throws.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Disposition> HandleAsync(ServerCall call, Action<Delivery> acknowledgeEarly)
    {
        _introspection.Counters.Enter();
        Disposition disposition;
        try
        {
            disposition = await CheckAndRunAsync(call, acknowledgeEarly).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // The last resort: a failure of ours must be answered too, and must not end the server.
        catch (Exception e)
#pragma warning restore CA1031
        {
            disposition = FailOrElse(call, e);
        }

        _introspection.Counters.Leave(disposition, call.HasStarted);
        return disposition is Disposition.Replied or Disposition.Faulted && call.Reply.Length > _maxMessageBytes
            ? Refuse(call, FaultCodes.ResultTooLarge, $"The reply has {call.Reply.Length} bytes, more than the server's limit of {_maxMessageBytes}. The method may have run.")
            : disposition;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Disposition> CheckAndRunAsync(ServerCall call, Action<Delivery> acknowledgeEarly)
    {
        Delivery delivery = call.Delivery;
        MethodHandler? handler = FindHandler(call);
        call.IsOneWay = delivery.Batch is null && string.IsNullOrEmpty(delivery.ReplyTo) && (handler?.Method.IsOneWay ?? call.Type is not [WireNames.ReservedTypePrefix, ..]);
        if (delivery.Batch is null && CheckMessage(call, delivery) is { } refusal)
        {
            return refusal;
        }

        if (call.Type == WireNames.Batch && delivery.Batch is null && _bodyStyle != RpcBodyStyle.Bare)
        {
            return Disposition.Opened;
        }

        Observe(call, handler);
        if (handler is null)
        {
            if (_bodyStyle != RpcBodyStyle.Bare && delivery.Batch is null && call.Type is WireNames.Ping or WireNames.Describe)
            {
                return Introspect(call);
            }

            return call.Type is [WireNames.ReservedTypePrefix, ..]
                ? Refuse(call, FaultCodes.Unsupported, $"This server does not understand messages of type '{call.Type}'.")
                : Refuse(call, FaultCodes.UnknownMethod, call.Type is null ? "The request names no method in its type property." : $"Queue '{_queue}' serves no method '{call.Type}'.");
        }

        if (!RequestBudget.TryGetDeadline(call, handler.Method.Timeout, _environment.Time, out long deadline))
        {
            return Drop(call, TelemetryNames.Late, "its deadline has passed");
        }

        call.Deadline = deadline;
        if (handler.Method.IsAtMostOnce)
        {
            if (delivery.IsRedelivered)
            {
                return Refuse(call, FaultCodes.Interrupted, $"'{handler.Method.Name}' runs at most once, and the broker had delivered this request before: it may have run, and is not run again.");
            }

            acknowledgeEarly(delivery);
        }

        return await RunAsync(call, handler).ConfigureAwait(false);
    }

    /// <summary>Lets whoever listens watch the call. The calling method goes on within its span.</summary>
    private void Observe(ServerCall call, MethodHandler? handler)
    {
        if (handler is null && call.Type is [WireNames.ReservedTypePrefix, ..])
        {
            return; // no call
        }

        if (ServerObservation.Begin(handler?.Label ?? _unknownMethods, _environment.Time, call.Delivery.ReceivedAt, call.TraceParent, call.Delivery.Headers) is { } observation)
        {
            call.Observation = observation;
            observation.Describe(call.Id.ToString(), handler is null ? call.Type : null, call.Delivery.IsRedelivered);
        }
    }

    /// <summary>Reads the calls of a batch; null where it is none, which is answered then like any message that can't be read.</summary>
    public List<ServerCall>? OpenBatch(ServerCall batch, Func<ServerCall> rent)
    {
        var calls = new List<ServerCall>();
        try
        {
            var reader = new BatchReader(batch.Body.Span);
            while (reader.NextEntry())
            {
                if (calls.Count == MaxBatchedCalls)
                {
                    throw new JsonException($"The batch has more than {MaxBatchedCalls} calls.");
                }

                CorrelationId id = reader.ReadId();
                string? method = reader.ReadText(_methods);
                long budget = reader.ReadNumber();
                ReadOnlyMemory<byte> arguments = batch.Body[reader.ReadValue()];
                string? traceParent = reader.HasElement ? reader.ReadText() : null;
                reader.EndEntry();
                ServerCall call = rent();
                call.Begin(batch.Delivery, id, method, budget, arguments, traceParent);
                calls.Add(call);
            }

            if (calls.Count > 0)
            {
                return calls;
            }

            Refuse(batch, FaultCodes.Protocol, "The batch has no calls.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the latter: text that is no Unicode
        {
            Refuse(batch, FaultCodes.Protocol, $"The batch can't be read: {e.Message}");
        }

        return null;
    }

    private Disposition? CheckMessage(ServerCall call, Delivery delivery)
    {
        if (!call.IsOneWay && !ReplyAddress.IsAllowed(delivery.ReplyTo, _bodyStyle, _isServedHere))
        {
            return Drop(call, TelemetryNames.Unanswerable, string.IsNullOrEmpty(delivery.ReplyTo) ? "it has no reply_to" : $"its reply_to '{delivery.ReplyTo}' is no callback address");
        }

        if (!ContentTypes.IsReadable(delivery.ContentType, delivery.ContentEncoding))
        {
            return Refuse(call, FaultCodes.Protocol, $"A request of content type '{delivery.ContentType}' and encoding '{delivery.ContentEncoding}' is not understood; send application/json without an encoding.");
        }

        if (delivery.BodyLength > _maxMessageBytes)
        {
            return Refuse(call, FaultCodes.TooLarge, $"The request has {delivery.BodyLength} bytes, more than the limit of {_maxMessageBytes}.");
        }

        return null;
    }

    private Disposition Introspect(ServerCall call)
    {
        if (!RequestBudget.TryGetDeadline(call, RpcTimeouts.Default, _environment.Time, out _))
        {
            return Drop(call, TelemetryNames.Late, "its deadline has passed");
        }

        _introspection.Answer(call.Type!, call.Reply);
        return Disposition.Replied;
    }

    private MethodHandler? FindHandler(ServerCall call) =>
        call.Type is null
            ? _bodyStyle == RpcBodyStyle.Bare ? _handlers.Values[0] : null
            : _handlers.GetValueOrDefault(call.Type);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Disposition> RunAsync(ServerCall call, MethodHandler handler)
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
            FaultWriter.WriteValidation(Restart(call), e);
            return Refused(call, FaultCodes.Validation, e.Message);
        }
        catch (RpcProtocolException e) when (!call.HasStarted)
        {
            return Refuse(call, FaultCodes.Protocol, e.Message);
        }
#pragma warning disable CA1031 // Whatever a handler throws becomes a fault.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return FromException(call, handler.Method, e);
        }

        if (!call.HasStarted)
        {
            return call.IsCancelledByCaller || call.IsAbandoned ? Disposition.Dropped : Drop(call, TelemetryNames.Late, "its deadline has passed");
        }

        return call.IsOneWay ? Disposition.Completed : Disposition.Replied;
    }
}

/// <summary>How a request ends.</summary>
internal enum Disposition
{
    /// <summary>With a result.</summary>
    Replied,

    /// <summary>With a fault.</summary>
    Faulted,

    /// <summary>Without an answer.</summary>
    Dropped,

    /// <summary>One way: it ran, and nobody waits for an answer.</summary>
    Completed,

    /// <summary>One way: it failed or was refused, which only the log and a dead-letter exchange can tell of.</summary>
    Rejected,

    /// <summary>Not yet: it is a batch, whose calls are handled one by one.</summary>
    Opened,
}
