using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.Logging;

namespace RpcGen.Diagnostics;

/// <summary>The span and the measurement of one observed call. Created only while there is a listener.</summary>
internal sealed class ClientObservation
{
    /// <summary>What was told last of a node: mostly the next call is to the same. Losing a race costs an object.</summary>
    private static PeerTags? _lastPeer;

    private readonly CallLabel _label;
    private readonly TimeProvider _time;
    private readonly ILogger? _log;
    private readonly long _startedAt;

    /// <summary>The call that this is an attempt of; null for a call without interceptors, which is its only attempt.</summary>
    private readonly ClientObservation? _whole;

    /// <summary>What the last attempt ended with.</summary>
    private (Exception? Exception, string? CallId, bool IsRemote) _last;

    private ClientObservation(ClientObservation whole)
    {
        _whole = whole;
        _label = whole._label;
        _log = whole._log;
        _time = whole._time;
        _startedAt = _time.GetTimestamp();
        Traced = whole.Traced;
    }

    private ClientObservation(CallLabel label, TimeProvider time, ILogger? log)
    {
        _label = label;
        _log = log;
        _time = time;
        _startedAt = time.GetTimestamp();
        if (RpcTracing.IsListenedTo)
        {
            Span = RpcTracing.StartClient(label, time.GetUtcNow());
            Traced = Span ?? Activity.Current; // the trace continues even if this call is not recorded
        }
    }

    /// <summary>The call's span; null if it is not recorded.</summary>
    public Activity? Span { get; }

    /// <summary>The parent of the server's span.</summary>
    public Activity? Traced { get; }

    /// <summary>The code of the fault in the reply; null for a result or no reply.</summary>
    public string? FaultCode { get; set; }

    /// <summary>How often the request was sent.</summary>
    public int Attempts { get; set; }

    /// <summary>The address of the broker's node that the call was last sent to; null if it was not sent or the broker is in this process.</summary>
    public IPEndPoint? Peer { get; set; }

    /// <summary>Starts to observe a call; null if there is no listener.</summary>
    /// <param name="label">The method.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">The log of single calls; null for none.</param>
    public static ClientObservation? Begin(CallLabel label, TimeProvider time, ILogger? log = null) =>
        RpcTracing.IsListenedTo || RpcMetrics.ClientCallDuration.Enabled || (log is not null && log.IsEnabled(LogLevel.Debug))
            ? new ClientObservation(label, time, log)
            : null;

    /// <summary>Starts to observe an attempt of a call with interceptors. All attempts belong to the call's span and measurement.</summary>
    public ClientObservation BeginAttempt() => new(this);

    /// <summary>The call with all its attempts is complete.</summary>
    /// <param name="exception">What the caller gets; null for a result.</param>
    public void EndWhole(Exception? exception)
    {
        if (exception is null || !ReferenceEquals(exception, _last.Exception))
        {
            FaultCode = null; // an interceptor made the outcome
        }

        EndTelemetry(exception, _last.CallId, _last.IsRemote, _time.GetElapsedTime(_startedAt));
    }

    /// <summary>The call is complete, or an attempt of it.</summary>
    /// <param name="exception">What the caller gets; null for a result.</param>
    /// <param name="callId">The call's correlation id.</param>
    /// <param name="isRemote">Whether the call was sent to a broker outside of this process.</param>
    public void End(Exception? exception, string? callId, bool isRemote)
    {
        TimeSpan duration = _time.GetElapsedTime(_startedAt);
        if (_log is not null)
        {
            Log.ClientCallEnded(_log, _label.Method, _label.Queue, callId, duration.TotalMilliseconds, FaultCode ?? exception?.GetType().Name ?? "ok", Attempts);
        }

        if (_whole is not null)
        {
            _whole.Note(this, exception, callId, isRemote);
            return;
        }

        EndTelemetry(exception, callId, isRemote, duration);
    }

    private void Note(ClientObservation attempt, Exception? exception, string? callId, bool isRemote)
    {
        _last = (exception, callId, isRemote);
        FaultCode = attempt.FaultCode;
        Peer = attempt.Peer;
        Attempts += attempt.Attempts;
        if (Span is { IsAllDataRequested: true } span)
        {
            var tags = new ActivityTagsCollection { [TelemetryNames.ConversationId] = callId };
            if (exception is not null)
            {
                tags[TelemetryNames.ErrorType] = FaultCode ?? exception.GetType().FullName;
            }

            span.AddEvent(new ActivityEvent(TelemetryNames.Attempt, _time.GetUtcNow(), tags));
        }
    }

    private void EndTelemetry(Exception? exception, string? callId, bool isRemote, TimeSpan duration)
    {
        var tags = default(TagList);
        if (FaultCode is not null)
        {
            tags.Add(TelemetryNames.StatusCode, FaultCode);
        }

        if (exception is not null)
        {
            tags.Add(TelemetryNames.ErrorType, FaultCode ?? exception.GetType().FullName);
        }

        if (Span is not null)
        {
            DescribePeer(Span);
            EndSpan(Span, in tags, exception, callId, isRemote, Attempts, duration);
        }

        tags.Add(TelemetryNames.System, TelemetryNames.RpcGen);
        tags.Add(TelemetryNames.Method, _label.Method);
        tags.Add(TelemetryNames.ServerAddress, _label.Queue);
        RpcMetrics.ClientCallDuration.Record(duration.TotalSeconds, in tags);
    }

    private void DescribePeer(Activity span)
    {
        if (Peer is not null)
        {
            PeerTags peer = _lastPeer is { } last && ReferenceEquals(last.Node, Peer) ? last : _lastPeer = new PeerTags(Peer, Peer.Address.ToString(), Peer.Port);
            span.SetTag(TelemetryNames.PeerAddress, peer.Address);
            span.SetTag(TelemetryNames.PeerPort, peer.Port);
        }
    }

    private static void EndSpan(Activity span, in TagList tags, Exception? exception, string? callId, bool isRemote, int attempts, TimeSpan duration)
    {
        foreach ((string name, object? value) in tags)
        {
            span.SetTag(name, value);
        }

        span.SetTag(TelemetryNames.ConversationId, callId);
        if (attempts > 1)
        {
            span.SetTag(TelemetryNames.Attempts, attempts);
        }

        if (isRemote)
        {
            span.SetTag(TelemetryNames.MessagingSystem, TelemetryNames.RabbitMq);
        }

        if (exception is not null)
        {
            span.SetStatus(ActivityStatusCode.Error, exception.Message);
        }

        RpcTracing.Stop(span, duration);
    }

    private sealed record PeerTags(IPEndPoint Node, string Address, object Port);
}
