using Microsoft.Extensions.Logging;
using RpcGen.Diagnostics;

namespace RpcGen.Client.Calls;

/// <summary>Counts and logs replies that no call waits for.</summary>
internal sealed class DroppedReplies(ILogger log)
{
    /// <summary>The call had its outcome already.</summary>
    public void AddLate(string? correlationId) => Add(correlationId, TelemetryNames.Late);

    /// <summary>There is no such call, or the reply cannot be read.</summary>
    public void AddUnknown(string? correlationId) => Add(correlationId, TelemetryNames.Unknown);

    private void Add(string? correlationId, string reason)
    {
        RpcMetrics.RepliesDropped.Add(1, RpcMetrics.Reason(reason));
        Log.ReplyDropped(log, correlationId);
    }
}
