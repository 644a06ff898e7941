namespace RpcGen;

/// <summary>
/// A call's deadline passed before its reply came. The message says why, as far as that is known. Unless it says that the
/// request was never sent, the call may have run and may still run.
/// </summary>
public sealed class RpcTimeoutException : RpcException
{
    /// <summary>Makes the exception from what is known.</summary>
    public RpcTimeoutException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
