using System.Diagnostics.Metrics;

namespace RpcGen.Diagnostics;

/// <summary>The instruments of the meter. Without a listener, each use costs one check.</summary>
internal static class RpcMetrics
{
    private static readonly Meter Meter = new(new MeterOptions(TelemetryNames.Source)
    {
        Version = LibraryVersion.Text,
        TelemetrySchemaUrl = TelemetryNames.SchemaUrl,
    });

    /// <summary>The bucket boundaries that OpenTelemetry's conventions recommend.</summary>
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
    };

    /// <summary>The duration of calls as seen by callers.</summary>
    public static readonly Histogram<double> ClientCallDuration =
        Meter.CreateHistogram(TelemetryNames.ClientCallDuration, "s", "Duration of calls until their outcome.", tags: null, Seconds);

    /// <summary>The duration of calls from receipt to reply.</summary>
    public static readonly Histogram<double> ServerCallDuration =
        Meter.CreateHistogram(TelemetryNames.ServerCallDuration, "s", "Duration of calls from receipt to reply.", tags: null, Seconds);

    /// <summary>Dropped replies: late, duplicate or unknown.</summary>
    public static readonly Counter<long> RepliesDropped =
        Meter.CreateCounter<long>(TelemetryNames.ClientRepliesDropped, "{reply}", "Replies that no call waited for.");

    /// <summary>Calls sent again after a lost connection.</summary>
    public static readonly Counter<long> CallsResent =
        Meter.CreateCounter<long>(TelemetryNames.ClientCallsResent, "{call}", "Idempotent calls sent again after a lost connection, and calls sent again that a server sent back.");

    /// <summary>Requests that the broker returned. Each attempt of a call counts.</summary>
    public static readonly Counter<long> CallsReturned =
        Meter.CreateCounter<long>(TelemetryNames.ClientCallsReturned, "{call}", "Requests that the broker returned because their queue does not exist. Each attempt counts.");

    /// <summary>One-way calls that a queue refused.</summary>
    public static readonly Counter<long> CallsRefused =
        Meter.CreateCounter<long>(TelemetryNames.ClientCallsRefused, "{call}", "Calls that a queue refused, because it is full or has failed.");

    /// <summary>One-way requests that failed on the server.</summary>
    public static readonly Counter<long> OneWayFailed =
        Meter.CreateCounter<long>(TelemetryNames.ServerOneWayFailed, "{request}", "One-way requests rejected because they failed or were refused.");

    /// <summary>Requests dropped without a reply.</summary>
    public static readonly Counter<long> RequestsDropped =
        Meter.CreateCounter<long>(TelemetryNames.ServerRequestsDropped, "{request}", "Requests dropped because they were late, had no reply address, or were delivered again when their callers were gone.");

    /// <summary>Requests refused before they ran.</summary>
    public static readonly Counter<long> RequestsRefused =
        Meter.CreateCounter<long>(TelemetryNames.ServerRequestsRefused, "{request}", "Requests refused with a fault, without running.");

    /// <summary>Replies that are too large to be sent.</summary>
    public static readonly Counter<long> RepliesRefused =
        Meter.CreateCounter<long>(TelemetryNames.ServerRepliesRefused, "{reply}", "Replies over the size limit, replaced with a fault.");

    /// <summary>The calls of clients.</summary>
    public static readonly LoadMeter ClientLoad = new(
        Meter,
        TelemetryNames.PeerAddress,
        (TelemetryNames.ClientCallsActive, "Calls that wait for their outcome."),
        (TelemetryNames.ClientCallsQueued, "Calls that wait for a connection."));

    /// <summary>The calls of servers.</summary>
    public static readonly LoadMeter ServerLoad = new(
        Meter,
        TelemetryNames.Destination,
        (TelemetryNames.ServerCallsActive, "Calls that run now."),
        (TelemetryNames.ServerCallsQueued, "Calls that were delivered and wait to run."));

    /// <summary>The attribute for a method.</summary>
    public static KeyValuePair<string, object?> Method(CallLabel label) => new(TelemetryNames.Method, label.Method);

    /// <summary>The attribute for a fault's code.</summary>
    public static KeyValuePair<string, object?> StatusCode(string code) => new(TelemetryNames.StatusCode, code);

    /// <summary>The attribute for the reason of a drop.</summary>
    public static KeyValuePair<string, object?> Reason(string reason) => new(TelemetryNames.Reason, reason);
}
