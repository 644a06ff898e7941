using System.Diagnostics.Metrics;

namespace RpcGen.Diagnostics;

/// <summary>The instruments of the meter <c>RpcGen</c>. Without a listener each costs a check.</summary>
internal static class RpcMetrics
{
    private static readonly Meter Meter = new("RpcGen");

    /// <summary>Replies that no call waited for: late, duplicate or unknown.</summary>
    public static readonly Counter<long> RepliesDropped =
        Meter.CreateCounter<long>("rpcgen.client.replies.dropped", "{reply}", "Replies that no call waited for.");

    /// <summary>Calls sent again after a connection loss.</summary>
    public static readonly Counter<long> CallsResent =
        Meter.CreateCounter<long>("rpcgen.client.calls.resent", "{call}", "Idempotent calls sent again after a connection loss.");

    /// <summary>Requests that could not be routed.</summary>
    public static readonly Counter<long> CallsReturned =
        Meter.CreateCounter<long>("rpcgen.client.calls.returned", "{call}", "Calls whose queue does not exist.");

    /// <summary>One-way calls that a queue did not take.</summary>
    public static readonly Counter<long> CallsRefused =
        Meter.CreateCounter<long>("rpcgen.client.calls.refused", "{call}", "One-way calls that a queue did not take, for it is full.");

    /// <summary>One-way requests that failed on the server.</summary>
    public static readonly Counter<long> OneWayFailed =
        Meter.CreateCounter<long>("rpcgen.server.oneway.failed", "{request}", "One-way requests that failed or were refused, and were rejected.");

    /// <summary>Requests dropped without an answer.</summary>
    public static readonly Counter<long> RequestsDropped =
        Meter.CreateCounter<long>("rpcgen.server.requests.dropped", "{request}", "Requests dropped for want of an address to answer to, or for being too late.");

    /// <summary>Requests answered with a fault before they ran.</summary>
    public static readonly Counter<long> RequestsRefused =
        Meter.CreateCounter<long>("rpcgen.server.requests.refused", "{request}", "Requests answered with a fault without being run.");
}
