namespace RpcGen;

/// <summary>
/// The service cannot take the call at the moment: <see cref="Reason"/> says why. The call did not run, unless
/// <see cref="RpcException.Execution"/> says that an earlier attempt or another instance may have run it.
/// </summary>
public sealed class RpcUnavailableException : RpcException
{
    /// <summary>Creates the exception for a queue.</summary>
    public RpcUnavailableException(string message, string queue, Exception? innerException = null)
        : base(message, innerException)
    {
        Queue = queue;
        Execution = RpcExecution.NotStarted;
    }

    /// <summary>The queue of the service.</summary>
    public string Queue { get; }

    /// <summary>Why the service cannot take the call.</summary>
    public RpcUnavailableReason Reason { get; init; }

    /// <summary>How long to wait before another attempt, if an overloaded server says so; otherwise null.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <inheritdoc/>
    public override bool IsTransient => true;
}
