using RpcGen.Diagnostics;
using RpcGen.Protocol;
using RpcGen.Runtime;
using RpcGen.Streams;

namespace RpcGen.Server.Streaming;

/// <summary>Writes the fault that an open stream ends with, and logs it.</summary>
/// <param name="queue">The request queue.</param>
/// <param name="disclosesErrors">Whether callers get type, message and stack of undeclared exceptions.</param>
/// <param name="environment">The log.</param>
internal sealed class StreamFaults(string queue, bool disclosesErrors, RpcEnvironment environment)
{
    /// <summary>The fault for an exception of the producer.</summary>
    /// <param name="method">The method.</param>
    /// <param name="callId">The call's id.</param>
    /// <param name="exception">The exception.</param>
    /// <param name="code">The fault's code.</param>
    public byte[] FromException(RpcMethod method, string? callId, Exception exception, out string code)
    {
        var body = new PooledBuffer();
        code = Write(body, method, callId, exception);
        byte[] written = body.Written.ToArray();
        body.Release();
        return written;
    }

    /// <summary>A fault of the runtime.</summary>
    public static byte[] Create(string code, string title, string detail)
    {
        var body = new PooledBuffer();
        FaultWriter.Write(body, code, title, detail);
        byte[] written = body.Written.ToArray();
        body.Release();
        return written;
    }

    /// <summary>The fault for an item of a caller's stream that breaks the contract.</summary>
    public static byte[] Invalid(RpcValidationException exception)
    {
        var body = new PooledBuffer();
        FaultWriter.WriteValidation(body, exception, RpcExecution.Started);
        byte[] written = body.Written.ToArray();
        body.Release();
        return written;
    }

    private string Write(PooledBuffer body, RpcMethod method, string? callId, Exception exception)
    {
        if (method.Faults.FirstOrDefault(fault => fault.Matches(exception)) is { } declared)
        {
            FaultWriter.WriteDeclared(body, declared, exception);
            return declared.Code;
        }

        switch (exception)
        {
            case RpcAccessDeniedException { CallId: null } denied:
                string code = denied.IsUnauthenticated ? FaultCodes.Unauthenticated : FaultCodes.PermissionDenied;
                FaultWriter.Write(body, code, "The call was refused.", denied.Message, RpcExecution.Started);
                return code;
            case ItemTooLargeException or ResultTooLargeException:
                Log.ReplyReplaced(environment.Log, queue, method.Name, callId, FaultCodes.ResultTooLarge, exception.Message);
                FaultWriter.Write(body, FaultCodes.ResultTooLarge, "The reply is too large.", exception.Message);
                return FaultCodes.ResultTooLarge;
            case OperationCanceledException:
                Log.HandlerCancelled(environment.Log, method.Name, queue, callId, exception);
                FaultWriter.Write(body, FaultCodes.Cancelled, "The service cancelled the call.", $"'{method.Name}' ended with an OperationCanceledException, although the caller had not cancelled.");
                return FaultCodes.Cancelled;
            default:
                Log.HandlerFailed(environment.Log, method.Name, queue, callId, exception);
                FaultWriter.WriteInternal(body, disclosesErrors ? exception.Message : $"'{method.Name}' failed. The server's log has the exception under call id {callId}.", disclosesErrors ? exception.ToString() : null);
                return FaultCodes.Internal;
        }
    }
}

/// <summary>A result exceeds the limit for messages.</summary>
internal sealed class ResultTooLargeException(int length, int limit)
    : Exception($"The reply has {length} bytes, more than the limit of {limit} for a message.");
