using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace RpcGen.Diagnostics;

/// <summary>The span and the measurement of one observed request. Created only while there is a listener.</summary>
internal sealed class ServerObservation
{
    private readonly CallLabel _label;
    private readonly TimeProvider _time;
    private readonly long _receivedAt;
    private readonly ILogger? _log;
    private string? _callId;

    private ServerObservation(CallLabel label, TimeProvider time, long receivedAt, ILogger? log)
    {
        _label = label;
        _log = log;
        _time = time;
        _receivedAt = receivedAt;
    }

    /// <summary>The request's span; null if it is not recorded.</summary>
    public Activity? Span { get; private init; }

    /// <summary>Starts to observe a request, and makes its span current. Null if there is no listener.</summary>
    /// <param name="label">The method.</param>
    /// <param name="time">The clock.</param>
    /// <param name="receivedAt">When the request was received, as a timestamp of the clock.</param>
    /// <param name="traceParent">The caller's span.</param>
    /// <param name="headers">The request's headers.</param>
    /// <param name="log">The log of single calls; null for none.</param>
    public static ServerObservation? Begin(
        CallLabel label, TimeProvider time, long receivedAt, string? traceParent, IDictionary<string, object?>? headers, ILogger? log = null)
    {
        if (!RpcTracing.IsListenedTo)
        {
            bool isObserved = RpcMetrics.ServerCallDuration.Enabled || (log is not null && log.IsEnabled(LogLevel.Debug));
            return isObserved ? new ServerObservation(label, time, receivedAt, log) : null;
        }

        ActivityContext parent = TraceContext.Read(traceParent, headers);
        Activity? span = RpcTracing.StartServer(label, in parent, time.GetUtcNow() - time.GetElapsedTime(receivedAt));
        if (span is not null)
        {
            TraceContext.ReadBaggage(headers, span);
        }

        return new ServerObservation(label, time, receivedAt, log) { Span = span };
    }

    /// <summary>Adds the request's own properties to the span.</summary>
    public void Describe(string? callId, string? originalMethod, bool isRedelivered)
    {
        _callId = callId;
        if (Span is not { IsAllDataRequested: true } span)
        {
            return;
        }

        span.SetTag(TelemetryNames.ConversationId, callId);
        if (originalMethod is not null)
        {
            span.SetTag(TelemetryNames.OriginalMethod, originalMethod);
        }

        if (isRedelivered)
        {
            span.SetTag(TelemetryNames.Redelivered, true);
        }
    }

    /// <summary>The request was answered or dropped.</summary>
    /// <param name="faultCode">The code of the fault in the reply; null for a result.</param>
    /// <param name="error">The error if the server is at fault; null if not.</param>
    /// <param name="exception">An exception of the handler that the contract does not declare.</param>
    public void End(string? faultCode, string? error, Exception? exception)
    {
        TimeSpan duration = _time.GetElapsedTime(_receivedAt);
        if (_log is not null)
        {
            Log.ServerCallEnded(_log, _label.Method, _label.Queue, _callId, duration.TotalMilliseconds, faultCode ?? error ?? "ok");
        }

        if (Span is { } span)
        {
            EndSpan(span, faultCode, error, exception, duration);
        }

        TagList tags = new() { { TelemetryNames.System, TelemetryNames.RpcGen }, { TelemetryNames.Method, _label.Method } };
        if (faultCode is not null)
        {
            tags.Add(TelemetryNames.StatusCode, faultCode);
        }

        if (error is not null)
        {
            tags.Add(TelemetryNames.ErrorType, error);
        }

        RpcMetrics.ServerCallDuration.Record(duration.TotalSeconds, in tags);
    }

    private static void EndSpan(Activity span, string? faultCode, string? error, Exception? exception, TimeSpan duration)
    {
        if (faultCode is not null)
        {
            span.SetTag(TelemetryNames.StatusCode, faultCode);
        }

        if (error is not null)
        {
            span.SetTag(TelemetryNames.ErrorType, error).SetStatus(ActivityStatusCode.Error, exception?.Message);
        }

        RpcTracing.Stop(span, duration);
    }
}
