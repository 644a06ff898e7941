using RpcGen.Client.Calls;
using RpcGen.Client.Confirming;
using RpcGen.Diagnostics;

namespace RpcGen.Client;

/// <summary>Defaults for the calls of one method.</summary>
/// <param name="Route">Where requests go.</param>
/// <param name="Timeout">The timeout.</param>
/// <param name="FailFast">Whether calls fail at once if the queue has no consumer.</param>
/// <param name="Label">The method's name in telemetry.</param>
internal sealed record MethodSettings(RequestRoute Route, TimeSpan Timeout, bool FailFast, CallLabel Label)
{
    /// <summary>The limit of pending calls; null for none.</summary>
    public CallQuota? Quota { get; init; }

    /// <summary>Decides whether requests are published with publisher confirms; null if they always are.</summary>
    public ConfirmPolicy? Confirms { get; init; }

    /// <summary>Refuses calls while the queue's servers are overloaded; null if nothing does.</summary>
    public QueueThrottle? Throttle { get; init; }
}
