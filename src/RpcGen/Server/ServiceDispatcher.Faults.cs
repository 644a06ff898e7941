using RpcGen.Diagnostics;
using RpcGen.Generated;
using RpcGen.Protocol;

namespace RpcGen.Server;

/// <content>How requests end that give no result: what the caller is told, and what the log.</content>
internal sealed partial class ServiceDispatcher
{
    private Disposition FromException(ServerCall call, RpcMethod method, Exception exception)
    {
        if (call.IsOneWay && exception is not RpcAccessDeniedException { CallId: null })
        {
            return FailOneWay(call, method.Name, exception);
        }

        if (exception is OperationCanceledException && call.IsCancellationRequested)
        {
            return OnCancelled(call, method);
        }

        foreach (RpcFault fault in method.Faults)
        {
            if (call.HasStarted && fault.Matches(exception))
            {
                FaultWriter.WriteDeclared(Restart(call), fault, exception);
                call.FaultCode = fault.Code;
                return Disposition.Faulted;
            }
        }

        // One that a nested call brought is about this server, and no answer to its caller.
        if (exception is RpcAccessDeniedException { CallId: null } denied)
        {
            return Deny(call, method, denied);
        }

        if (exception is not OperationCanceledException)
        {
            return Fail(call, method.Name, exception);
        }

        FaultWriter.Write(Restart(call), FaultCodes.Cancelled, "The service gave up.", $"The server gave '{method.Name}' up by itself, with an OperationCanceledException.");
        call.FaultCode = FaultCodes.Cancelled;
        return Disposition.Faulted;
    }

    /// <summary>The handler did as its token told it. Only a caller that set no deadline itself still waits for an answer.</summary>
    private static Disposition OnCancelled(ServerCall call, RpcMethod method)
    {
        if (call.IsCancelledByCaller || call.IsAbandoned || call.Budget is not null)
        {
            return Disposition.Dropped;
        }

        FaultWriter.Write(Restart(call), FaultCodes.Timeout, "The deadline passed.", $"'{method.Name}' took longer than its time limit of {method.Timeout.TotalSeconds:0.###} s.");
        call.FaultCode = FaultCodes.Timeout;
        return Disposition.Faulted;
    }

    /// <summary>Nobody can be told but the log, and whoever looks after dead letters.</summary>
    private Disposition FailOneWay(ServerCall call, string method, Exception exception)
    {
        if (call.IsAbandoned)
        {
            return Disposition.Dropped;
        }

        call.FaultCode = exception is OperationCanceledException && call.IsCancellationRequested ? FaultCodes.Timeout : FaultCodes.Internal;
        call.Failure = exception;
        RpcMetrics.OneWayFailed.Add(1);
        Log.OneWayFailed(_environment.Log, method, _queue, call.Id.ToString(), exception);
        return Disposition.Rejected;
    }

    private Disposition Fail(ServerCall call, string method, Exception exception)
    {
        if (call.IsOneWay)
        {
            return FailOneWay(call, method, exception);
        }

        call.FaultCode = FaultCodes.Internal;
        call.Failure = exception;
        Log.HandlerFailed(_environment.Log, method, _queue, call.Id.ToString(), exception);
        string under = call.Id.ToString() is { Length: > 0 } id ? $" under call id {id}" : "";
        string detail = _options.EnableDetailedErrors
            ? exception.Message
            : exception is ResultNotSerializableException
                ? $"'{method}' ran, but its result can't be written as JSON. The server's log has the exception{under}."
                : $"'{method}' failed. The server's log has the exception{under}.";
        FaultWriter.WriteInternal(Restart(call), detail, _options.EnableDetailedErrors ? exception.ToString() : null);
        return Disposition.Faulted;
    }

    /// <summary>As <see cref="Fail"/>, also where what fails is the log.</summary>
    private Disposition FailOrElse(ServerCall call, Exception exception)
    {
        try
        {
            return Fail(call, call.Type ?? "(no type)", exception);
        }
#pragma warning disable CA1031 // Nothing is left to tell but the caller.
        catch (Exception)
#pragma warning restore CA1031
        {
            call.FaultCode = FaultCodes.Internal;
            FaultWriter.WriteInternal(Restart(call), "The server failed, and so did its log.", disclosed: null);
            return call.IsOneWay ? Disposition.Rejected : Disposition.Faulted;
        }
    }

    private Disposition Deny(ServerCall call, RpcMethod method, RpcAccessDeniedException denied)
    {
        call.FaultCode = denied.IsUnauthenticated ? FaultCodes.Unauthenticated : FaultCodes.PermissionDenied;
        Log.AccessDenied(_environment.Log, method.Name, _queue, call.Id.ToString(), call.Delivery.UserId, denied.Message);
        if (call.IsOneWay)
        {
            RpcMetrics.OneWayFailed.Add(1);
            return Disposition.Rejected;
        }

        FaultWriter.Write(Restart(call), call.FaultCode, "The call was refused.", denied.Message);
        return Disposition.Faulted;
    }

    private Disposition Refuse(ServerCall call, string code, string reason)
    {
        FaultWriter.Write(Restart(call), code, "The request was refused.", reason);
        return Refused(call, code, reason);
    }

    private Disposition Refused(ServerCall call, string code, string reason)
    {
        call.FaultCode = code;
        RpcMetrics.RequestsRefused.Add(1, new KeyValuePair<string, object?>(TelemetryNames.StatusCode, code));
        if (call.IsOneWay)
        {
            RpcMetrics.OneWayFailed.Add(1);
            Log.OneWayRefused(_environment.Log, _queue, call.Type, call.Id.ToString(), code, reason);
            return Disposition.Rejected;
        }

        Log.RequestRefused(_environment.Log, _queue, call.Type, call.Id.ToString(), code, reason);
        return Disposition.Faulted;
    }

    private Disposition Drop(ServerCall call, string kind, string reason)
    {
        RpcMetrics.RequestsDropped.Add(1, RpcMetrics.Reason(kind));
        Log.RequestDropped(_environment.Log, _queue, call.Type, call.Id.ToString(), reason);
        return call.IsOneWay ? Disposition.Rejected : Disposition.Dropped;
    }

    /// <summary>The reply buffer, less what a result may have left in it.</summary>
    private static PooledBuffer Restart(ServerCall call)
    {
        call.Reply.Reset();
        return call.Reply;
    }
}
