namespace RpcGen;

/// <summary>
/// The server does not allow the caller to make the call, or the broker does not allow it to this process
/// (<see cref="IsBrokerRefusal"/>). Interceptors and handlers can throw it, and the caller gets it with the same message. The call
/// did not run, unless the handler itself threw this: see <see cref="RpcException.Execution"/>.
/// </summary>
public sealed class RpcAccessDeniedException : RpcException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">The reason. It is sent to the caller as it is.</param>
    /// <param name="innerException">The cause. It is not sent.</param>
    public RpcAccessDeniedException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>
    /// True if the caller is unknown (code <c>unauthenticated</c>); false if the caller is known but not allowed (code
    /// <c>permission-denied</c>).
    /// </summary>
    public bool IsUnauthenticated { get; init; }

    /// <summary>
    /// Whether the broker refused the call, and not the service: the user of this process's connection lacks a permission on the
    /// broker. The message names it. Default: false.
    /// </summary>
    public bool IsBrokerRefusal { get; init; }
}
