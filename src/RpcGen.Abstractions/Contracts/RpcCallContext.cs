namespace RpcGen;

/// <summary>
/// What a handler can know of the call it is running. Immutable; valid, like the handler's token, while the handler runs.
/// Calls that a handler makes inherit <see cref="Remaining"/> as the most they may take.
/// </summary>
public sealed class RpcCallContext
{
    private static readonly AsyncLocal<RpcCallContext?> Ambient = new();
    private readonly TimeProvider _time;
    private readonly long _deadline;

    internal RpcCallContext(string method, string? callId, bool isRedelivered, TimeProvider time, long deadline, CancellationToken cancellationToken)
    {
        Method = method;
        CallId = callId;
        IsRedelivered = isRedelivered;
        _time = time;
        _deadline = deadline;
        CancellationToken = cancellationToken;
    }

    /// <summary>The call that the current asynchronous flow is handling; null outside of a handler.</summary>
    public static RpcCallContext? Current
    {
        get => Ambient.Value;
        internal set => Ambient.Value = value;
    }

    /// <summary>The method's name on the wire.</summary>
    public string Method { get; }

    /// <summary>The request's <c>correlation_id</c>, which the caller's exceptions name too; null where the request has none.</summary>
    public string? CallId { get; }

    /// <summary>
    /// Whether the broker may have delivered this request before, to a server that was lost or stopped: the method may
    /// have run already, wholly or in part.
    /// </summary>
    public bool IsRedelivered { get; }

    /// <summary>Fires when the caller cancels, when its deadline passes, or when the connection or the server goes.</summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>What is left of the caller's time, zero at least; <see cref="Timeout.InfiniteTimeSpan"/> where it waits for ever.</summary>
    public TimeSpan Remaining
    {
        get
        {
            if (_deadline == long.MaxValue)
            {
                return Timeout.InfiniteTimeSpan;
            }

            TimeSpan remaining = _time.GetElapsedTime(_time.GetTimestamp(), _deadline);
            return remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero;
        }
    }
}
