namespace RpcGen;

/// <summary>
/// No broker could be reached, or the connection was lost while a call was under way. In the second case the outcome is
/// unknown: the call may have run and may still run. Mark methods for which that is harmless with
/// <see cref="RpcIdempotentAttribute"/>, and they are sent again instead.
/// </summary>
public sealed class RpcConnectionException : RpcException
{
    /// <summary>Makes the exception from what happened and, where known, its cause.</summary>
    public RpcConnectionException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
