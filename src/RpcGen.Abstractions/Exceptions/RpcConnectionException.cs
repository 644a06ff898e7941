namespace RpcGen;

/// <summary>
/// No broker could be reached, or the call was interrupted: the connection was lost while it was under way, or the server
/// gave it up. An interrupted call may have run and may still run. Calls of methods marked with
/// <see cref="RpcIdempotentAttribute"/> are sent again instead when the connection is lost.
/// </summary>
public sealed class RpcConnectionException : RpcException
{
    /// <summary>Creates the exception from what happened and its cause, if known.</summary>
    public RpcConnectionException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <inheritdoc/>
    public override bool IsTransient => !IsPermanent;

    /// <summary>How many items, or bytes, the caller had taken from the stream that was interrupted; 0 for calls without a stream.</summary>
    public long ItemsReceived { get; init; }

    /// <summary>Whether repeating the call cannot succeed, for example because the connection is disposed.</summary>
    internal bool IsPermanent { get; init; }
}
