using System.Diagnostics.Metrics;

namespace RpcGen.Diagnostics;

/// <summary>The instruments of the meter. Without a listener each costs a check.</summary>
internal static class RpcMetrics
{
    private static readonly Meter Meter = new(RpcTelemetry.Name);

    /// <summary>The bucket boundaries that OpenTelemetry's conventions recommend.</summary>
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
    };

    /// <summary>How long calls took, as their callers saw it.</summary>
    public static readonly Histogram<double> ClientCallDuration =
        Meter.CreateHistogram(TelemetryNames.ClientCallDuration, "s", "How long calls took until their outcome.", tags: null, Seconds);

    /// <summary>How long calls took from receipt to reply.</summary>
    public static readonly Histogram<double> ServerCallDuration =
        Meter.CreateHistogram(TelemetryNames.ServerCallDuration, "s", "How long calls took from their receipt to their reply.", tags: null, Seconds);

    /// <summary>Replies that no call waited for: late, duplicate or unknown.</summary>
    public static readonly Counter<long> RepliesDropped =
        Meter.CreateCounter<long>(TelemetryNames.ClientRepliesDropped, "{reply}", "Replies that no call waited for.");

    /// <summary>Calls sent again after a connection loss.</summary>
    public static readonly Counter<long> CallsResent =
        Meter.CreateCounter<long>(TelemetryNames.ClientCallsResent, "{call}", "Idempotent calls sent again after a connection loss.");

    /// <summary>Requests that could not be routed.</summary>
    public static readonly Counter<long> CallsReturned =
        Meter.CreateCounter<long>(TelemetryNames.ClientCallsReturned, "{call}", "Calls whose queue does not exist.");

    /// <summary>One-way calls that a queue did not take.</summary>
    public static readonly Counter<long> CallsRefused =
        Meter.CreateCounter<long>(TelemetryNames.ClientCallsRefused, "{call}", "One-way calls that a queue did not take, for it is full.");

    /// <summary>One-way requests that failed on the server.</summary>
    public static readonly Counter<long> OneWayFailed =
        Meter.CreateCounter<long>(TelemetryNames.ServerOneWayFailed, "{request}", "One-way requests that failed or were refused, and were rejected.");

    /// <summary>Requests dropped without an answer.</summary>
    public static readonly Counter<long> RequestsDropped =
        Meter.CreateCounter<long>(TelemetryNames.ServerRequestsDropped, "{request}", "Requests dropped for want of an address to answer to, or for being too late.");

    /// <summary>Requests answered with a fault before they ran.</summary>
    public static readonly Counter<long> RequestsRefused =
        Meter.CreateCounter<long>(TelemetryNames.ServerRequestsRefused, "{request}", "Requests answered with a fault without being run.");

    /// <summary>What connections have in hand.</summary>
    public static readonly LoadMeter ClientLoad = new(
        Meter,
        TelemetryNames.Broker,
        (TelemetryNames.ClientCallsActive, "Calls that wait for their outcome."),
        (TelemetryNames.ClientCallsQueued, "Calls that wait for a connection to be sent on."));

    /// <summary>What servers have in hand.</summary>
    public static readonly LoadMeter ServerLoad = new(
        Meter,
        TelemetryNames.Destination,
        (TelemetryNames.ServerCallsActive, "Calls that run."),
        (TelemetryNames.ServerCallsQueued, "Calls that were delivered and wait for a place to run."));

    /// <summary>Why something was dropped.</summary>
    public static KeyValuePair<string, object?> Reason(string reason) => new(TelemetryNames.Reason, reason);
}
