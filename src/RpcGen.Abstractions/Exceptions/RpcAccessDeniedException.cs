namespace RpcGen;

/// <summary>
/// The server refuses the call to this caller; it did not run, unless the handler itself has thrown this. Interceptors and
/// handlers throw it, and callers get it with the same message.
/// </summary>
public sealed class RpcAccessDeniedException : RpcException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">Why, for the caller to read: it is sent as it is.</param>
    /// <param name="innerException">What this process knows besides; it is not sent.</param>
    public RpcAccessDeniedException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>
    /// Whether it is for want of knowing who calls (code <c>unauthenticated</c>), not for what they may do (code
    /// <c>permission-denied</c>).
    /// </summary>
    public bool IsUnauthenticated { get; init; }

    /// <summary>The call's correlation id, which the server's log names too; null where this process threw the exception.</summary>
    public string? CallId { get; internal init; }
}
