namespace RpcGen;

/// <summary>A call that has ended on a server: see <c>RpcConnection.WatchAsync</c>. It has no arguments, no result and no text of an exception. Immutable.</summary>
public sealed class RpcCallEvent
{
    /// <summary>The instance that handled the call.</summary>
    public RpcServiceInstance Service { get; init; } = new();

    /// <summary>The id of the call, as in logs and exceptions; null if the caller gave none.</summary>
    public string? CallId { get; init; }

    /// <summary>The method. For a refused request, the name that the caller sent.</summary>
    public string Method { get; init; } = "";

    /// <summary>How the call ended.</summary>
    public RpcCallOutcome Outcome { get; init; }

    /// <summary>The code of the fault, or why the call was given up; null for a call that succeeded.</summary>
    public string? FaultCode { get; init; }

    /// <summary>How long the method ran, until its stream was open if it returns one; null if it did not run.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>How long the instance had the request before the method ran, or before it was refused. The wait in the queue is not included.</summary>
    public TimeSpan Waited { get; init; }

    /// <summary>Whether the broker had delivered the request before, so that it can have run before.</summary>
    public bool IsRedelivered { get; init; }

    /// <summary>The id of the trace that the call belongs to (W3C Trace Context, 32 hexadecimal digits); null if it belongs to none.</summary>
    public string? TraceId { get; init; }

    /// <summary>When the call ended, by the clock of the instance.</summary>
    public DateTimeOffset EndedAt { get; init; }
}
