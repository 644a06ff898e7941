namespace RpcGen;

/// <summary>
/// The server failed to answer a call for a reason that the contract does not declare. What the server's exception was
/// is told only where the server opts in; its log has it under <see cref="CallId"/>.
/// </summary>
public sealed class RpcRemoteException : RpcException
{
    /// <summary>Makes the exception from a fault's parts.</summary>
    public RpcRemoteException(string message, string code, string? callId = null, string? remoteDetails = null)
        : base(message, innerException: null)
    {
        Code = code;
        CallId = callId;
        RemoteDetails = remoteDetails;
    }

    /// <summary>The fault's code, such as <c>internal</c>.</summary>
    public string Code { get; }

    /// <summary>The call's correlation id, which the server's log names too; null where it is not known.</summary>
    public string? CallId { get; }

    /// <summary>Type, message and stack of the server's exception where the server discloses them, else null.</summary>
    public string? RemoteDetails { get; }
}
