namespace RpcGen;

/// <summary>
/// The base of every exception that RpcGen throws for a call, except the exceptions that a contract declares with
/// <see cref="RpcFaultAttribute{TException}"/> and <see cref="OperationCanceledException"/>.
/// </summary>
/// <remarks>
/// Repeating a call is safe and useful if <see cref="IsTransient"/> is true and either <see cref="Execution"/> is
/// <see cref="RpcExecution.NotStarted"/> or the method is idempotent.
/// </remarks>
public abstract class RpcException : Exception
{
    private protected RpcException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The call's correlation id, which the server's log also names; null if the failure belongs to no call.</summary>
    public string? CallId { get; init; }

    /// <summary>The wire name of the method that was called; null if the failure belongs to no call.</summary>
    public string? Method { get; init; }

    /// <summary>Whether the handler ran, as far as is known.</summary>
    public RpcExecution Execution { get; init; }

    /// <summary>
    /// Whether the same call can succeed later, unchanged. Says nothing about whether repeating it is safe: see
    /// <see cref="Execution"/>.
    /// </summary>
    public virtual bool IsTransient => false;
}
