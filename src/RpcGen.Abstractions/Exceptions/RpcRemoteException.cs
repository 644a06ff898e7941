using System.Text.Json;

namespace RpcGen;

/// <summary>
/// The server failed to answer a call for a reason that the contract does not declare. The server's log has the exception
/// under <see cref="RpcException.CallId"/>; the caller gets its details only if the server enables detailed errors.
/// </summary>
public sealed class RpcRemoteException : RpcException
{
    /// <summary>Creates the exception from the parts of a fault.</summary>
    public RpcRemoteException(string message, string code, string? callId = null, string? remoteDetails = null)
        : base(message, innerException: null)
    {
        Code = code;
        CallId = callId;
        RemoteDetails = remoteDetails;
        Execution = RpcExecution.Started;
    }

    /// <summary>The fault's code, such as <c>internal</c>.</summary>
    public string Code { get; }

    /// <summary>The data of a fault that a contract declares, for callers without the contract; otherwise null.</summary>
    public JsonElement? FaultData { get; init; }

    /// <summary>Type, message and stack of the server's exception if the server enables detailed errors; otherwise null.</summary>
    public string? RemoteDetails { get; }
}
