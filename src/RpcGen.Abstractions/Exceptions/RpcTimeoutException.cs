namespace RpcGen;

/// <summary>
/// The deadline passed before the reply arrived. The message says why, as far as is known. Unless
/// <see cref="RpcException.Execution"/> is <see cref="RpcExecution.NotStarted"/>, the call may have run and may still run.
/// </summary>
public sealed class RpcTimeoutException : RpcException
{
    /// <summary>Creates the exception from what is known.</summary>
    public RpcTimeoutException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <inheritdoc/>
    public override bool IsTransient => true;
}
