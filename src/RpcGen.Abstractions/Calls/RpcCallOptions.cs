namespace RpcGen;

/// <summary>
/// Settings of single calls, for <see cref="RpcClientExtensions.With{T}(T, RpcCallOptions)"/>. Immutable. A setting that is
/// null keeps the value of the client, the method or the contract.
/// </summary>
public sealed class RpcCallOptions
{
    /// <summary>The time limit: positive or <see cref="System.Threading.Timeout.InfiniteTimeSpan"/>. Default: null.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Whether a call fails at once if the queue has no consumer. Default: null.</summary>
    public bool? FailFast { get; init; }

    /// <summary>The priority of requests, in queues with priorities (<c>x-max-priority</c>). Default: null.</summary>
    public byte? Priority { get; init; }

    /// <summary>Metadata that is sent with the request, for <see cref="RpcCallContext.Metadata"/> of the handler. Default: null.</summary>
    public RpcMetadata? Metadata { get; init; }

    /// <summary>
    /// Receives the metadata of the reply, whether that is a result or a fault. It is cleared when a call starts and filled
    /// before the call's task completes. Calls that overlap need separate objects. Default: null.
    /// </summary>
    public RpcMetadata? ReplyMetadata { get; init; }

    /// <summary>The telemetry of the whole call, if the call with these settings is an attempt of it.</summary>
    internal object? Observation { get; init; }

    /// <summary>Settings that change nothing.</summary>
    internal static RpcCallOptions None { get; } = new();
}
