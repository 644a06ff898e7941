using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.Logging;

namespace RpcGen.Diagnostics;

/// <summary>The span and the measurement of one observed call. Created only while there is a listener.</summary>
internal sealed class ClientObservation
{
    /// <summary>What was told last of a node and of a port: mostly the next call is to the same. Losing a race costs an object.</summary>
    private static PeerTags? _lastPeer;
    private static object? _lastPort;

    private readonly CallLabel _label;
    private readonly TimeProvider _time;
    private readonly ILogger? _log;
    private readonly long _startedAt;

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

    /// <summary>The call is complete.</summary>
    /// <param name="exception">What the caller gets; null for a result.</param>
    /// <param name="callId">The call's correlation id.</param>
    /// <param name="host">The broker's host that the call was last sent to; null if it was not sent or the broker is in this process.</param>
    /// <param name="port">The host's port.</param>
    public void End(Exception? exception, string? callId, string? host, int port)
    {
        TimeSpan duration = _time.GetElapsedTime(_startedAt);
        if (_log is not null)
        {
            Log.ClientCallEnded(_log, _label.Method, _label.Queue, callId, duration.TotalMilliseconds, FaultCode ?? exception?.GetType().Name ?? "ok", Attempts);
        }

        var tags = default(TagList);
        if (host is not null)
        {
            tags.Add(TelemetryNames.ServerAddress, host);
            tags.Add(TelemetryNames.ServerPort, Box(port));
        }

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
            EndSpan(Span, in tags, exception, callId, host, Attempts, duration);
        }

        tags.Add(TelemetryNames.System, TelemetryNames.RpcGen);
        tags.Add(TelemetryNames.Method, _label.Method);
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

    private static object Box(int port)
    {
        object? last = _lastPort;
        return last is int value && value == port ? last : _lastPort = port;
    }

    private static void EndSpan(Activity span, in TagList tags, Exception? exception, string? callId, string? host, int attempts, TimeSpan duration)
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

        if (host is not null)
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
