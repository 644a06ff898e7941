using RpcGen.Diagnostics;
using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Runtime;
using RpcGen.Server.Settings;

namespace RpcGen.Server.Running;

/// <summary>
/// Ends requests without a result. Writes the fault for the caller, notes it for telemetry, and logs it. One-way calls get
/// no fault: they are rejected.
/// </summary>
internal sealed class CallFaults(ServerSettings settings, RpcEnvironment environment, HeldPlaces? places = null)
{
    /// <summary>When to try again after all streams were open, or all long-running calls under way.</summary>
    private static readonly TimeSpan PlacePause = TimeSpan.FromSeconds(1);

    /// <summary>Refuses a request that must not run.</summary>
    public CallOutcome Refuse(ServerCall call, string code, string reason)
    {
        FaultWriter.Write(EmptyReply(call), code, "The request was refused.", reason, ExecutionUnlessImplied(call, code));
        return NoteRefusal(call, code, reason);
    }

    /// <summary>Refuses a request whose arguments break the contract.</summary>
    public CallOutcome RefuseArguments(ServerCall call, RpcValidationException exception)
    {
        FaultWriter.WriteValidation(EmptyReply(call), exception, ExecutionUnlessImplied(call, FaultCodes.Validation));
        return NoteRefusal(call, FaultCodes.Validation, exception.Message);
    }

    /// <summary>Replaces a reply that exceeds the size limit. The request is not counted as refused: it ran.</summary>
    /// <param name="call">The call.</param>
    /// <param name="brokerLimit">The broker's limit.</param>
    public CallOutcome RefuseReply(ServerCall call, int brokerLimit)
    {
        int length = call.Reply.Length;
        string reason = length > settings.MaxMessageBytes
            ? $"The reply has {length} bytes, more than the server's limit of {settings.MaxMessageBytes}."
            : DescribeTooLargeForBroker(length, brokerLimit);
        RpcMetrics.RepliesRefused.Add(1, RpcMetrics.StatusCode(FaultCodes.ResultTooLarge));
        Log.ReplyReplaced(environment.Log, settings.QueueName, call.Type, call.Id.ToString(), FaultCodes.ResultTooLarge, reason);
        return WriteFault(call, FaultCodes.ResultTooLarge, "The reply is too large.", reason);
    }

    /// <summary>Says that a reply exceeds the broker's limit.</summary>
    public static string DescribeTooLargeForBroker(int length, int limit) => $"The reply has {length} bytes, more than the broker's limit of {limit} (max_message_size).";

    /// <summary>Drops a request whose caller has given up or gave no valid reply address.</summary>
    public CallOutcome Drop(ServerCall call, string kind, string reason)
    {
        RpcMetrics.RequestsDropped.Add(1, RpcMetrics.Reason(kind));
        Log.RequestDropped(environment.Log, settings.QueueName, call.Type, call.Id.ToString(), reason);
        if (!call.IsOneWay)
        {
            return CallOutcome.Dropped;
        }

        call.Delivery.RejectReason = reason;
        return CallOutcome.Rejected;
    }

    /// <summary>Refuses a request that has waited too long. Not logged each time: there are many of them, and refusing must be cheap.</summary>
    public CallOutcome RefuseOverload(ServerCall call, TimeSpan retryAfter) =>
        RefuseOverload(call, retryAfter, $"The servers of queue '{settings.QueueName}' are overloaded: the request waited too long to end in time.");

    /// <summary>Refuses a long-running call, because too many of them run.</summary>
    public CallOutcome RefuseLongCall(ServerCall call, int max) =>
        RefuseOverload(call, PlacePause, $"'{call.Type}' was refused: {max} long-running calls are under way on queue '{settings.QueueName}', the most that RpcServerOptions.MaxLongCalls allows.");

    private static CallOutcome RefuseOverload(ServerCall call, TimeSpan retryAfter, string reason)
    {
        call.FaultCode = FaultCodes.Overloaded;
        RpcMetrics.RequestsRefused.Add(1, RpcMetrics.StatusCode(FaultCodes.Overloaded));
        FaultWriter.WriteOverloaded(EmptyReply(call), reason, retryAfter, ExecutionUnlessImplied(call, FaultCodes.Overloaded));
        return CallOutcome.Faulted;
    }

    /// <summary>Drops a request whose deadline has passed.</summary>
    public CallOutcome DropLate(ServerCall call) => Drop(call, TelemetryNames.Late, "its deadline has passed");

    /// <summary>
    /// Ends a call whose deadline passed before it started. Its caller is told if the server set the deadline, or if the request
    /// came in time: otherwise the caller has given up already.
    /// </summary>
    public CallOutcome EndLate(ServerCall call, RpcMethod method, bool cameInTime)
    {
        if (call.IsOneWay || (!cameInTime && IsDeadlineOfCaller(call, method)))
        {
            return DropLate(call);
        }

        string reason = string.Join(' ', DescribeDeadline(call, method), places?.Describe()).TrimEnd();
        WriteFault(call, FaultCodes.Timeout, "The deadline passed.", reason);
        return NoteRefusal(call, FaultCodes.Timeout, reason);
    }

    /// <summary>Ends a call with an exception of an interceptor or of the handler.</summary>
    public CallOutcome FromException(ServerCall call, RpcMethod method, Exception exception)
    {
        // A denial with a call id belongs to a call that the handler made. It concerns this server, not this server's caller.
        RpcAccessDeniedException? denied = exception is RpcAccessDeniedException { CallId: null } own ? own : null;
        if (call.IsOneWay)
        {
            return denied is null ? FailOneWay(call, method.Name, exception) : Deny(call, method, denied);
        }

        if (exception is OperationCanceledException && call.IsCancellationRequested)
        {
            return EndCancelled(call, method);
        }

        if (call.HasStarted && exception is not ServiceGoneException && method.Faults.FirstOrDefault(fault => fault.Matches(exception)) is { } declared)
        {
            FaultWriter.WriteDeclared(EmptyReply(call), declared, exception);
            call.FaultCode = declared.Code;
            return CallOutcome.Faulted;
        }

        return (denied, exception) switch
        {
            ({ }, _) => Deny(call, method, denied),
            (_, ServiceGoneException) => Refuse(call, FaultCodes.Unavailable, $"The server is stopping. '{method.Name}' did not run."),
            (_, CallRefusedException { Code: FaultCodes.Overloaded } full) => RefuseOverload(call, PlacePause, full.Message),
            (_, CallRefusedException refused) => Refuse(call, refused.Code, refused.Message),
            (_, OperationCanceledException) => EndCancelledByHandler(call, method, exception),
            _ => Fail(call, method.Name, exception),
        };
    }

    /// <summary>The handler cancelled something of its own, such as a request that took too long.</summary>
    private CallOutcome EndCancelledByHandler(ServerCall call, RpcMethod method, Exception exception)
    {
        Log.HandlerCancelled(environment.Log, method.Name, settings.QueueName, call.Id.ToString(), exception);
        return WriteFault(call, FaultCodes.Cancelled, "The service cancelled the call.", $"'{method.Name}' ended with an OperationCanceledException, although the caller had not cancelled.");
    }

    /// <summary>Ends a call with an exception that the contract does not declare, or with a failure of the runtime.</summary>
    public CallOutcome Fail(ServerCall call, string method, Exception exception)
    {
        if (call.IsOneWay)
        {
            return FailOneWay(call, method, exception);
        }

        call.FaultCode = FaultCodes.Internal;
        call.Failure = exception;
        Log.HandlerFailed(environment.Log, method, settings.QueueName, call.Id.ToString(), exception);
        FaultWriter.WriteInternal(
            EmptyReply(call),
            DescribeFailure(call, method, exception),
            settings.EnableDetailedErrors ? exception.ToString() : null,
            ExecutionUnlessImplied(call, FaultCodes.Internal));
        return CallOutcome.Faulted;
    }

    /// <summary>Ends a call with a failure of the runtime. Never throws.</summary>
    public CallOutcome FailSafely(ServerCall call, Exception exception)
    {
        try
        {
            return Fail(call, call.Type ?? "(no type)", exception);
        }
#pragma warning disable CA1031 // Only the caller is left to be told.
        catch (Exception)
#pragma warning restore CA1031
        {
            return FailWithoutLog(call);
        }
    }

    /// <summary>Last resort for a failure while another failure is reported, because the user's log can throw.</summary>
    private static CallOutcome FailWithoutLog(ServerCall call)
    {
        call.FaultCode = FaultCodes.Internal;
        FaultWriter.WriteInternal(EmptyReply(call), "The server failed, and its log failed too.", disclosed: null, ExecutionUnlessImplied(call, FaultCodes.Internal));
        return call.IsOneWay ? CallOutcome.Rejected : CallOutcome.Faulted;
    }

    /// <summary>The handler ended because its token fired. Only a caller that did not set the deadline itself still waits for an answer.</summary>
    private CallOutcome EndCancelled(ServerCall call, RpcMethod method) =>
        call.IsCancelledByCaller || call.IsAbandoned || call.Answer.GivenUp is not null || (call.HasStarted && IsDeadlineOfCaller(call, method))
            ? CallOutcome.Dropped
            : WriteFault(call, FaultCodes.Timeout, "The deadline passed.", DescribeDeadline(call, method));

    private bool IsDeadlineOfCaller(ServerCall call, RpcMethod method) =>
        call.Budget is not null && !RequestBudget.IsCapped(call, settings.LongestBudgetOf(method));

    private string DescribeDeadline(ServerCall call, RpcMethod method)
    {
        if (IsDeadlineOfCaller(call, method))
        {
            return $"The caller's time limit was over before '{method.Name}' could start.";
        }

        TimeSpan cap = settings.LongestBudgetOf(method);
        string longest = Seconds(cap);
        bool isCapped = call.Budget is not null;
        return (isCapped, method.DeclaredTimeout) switch
        {
            (true, null) => $"'{method.Name}' took longer than {longest}, the longest time that RpcServerOptions.MaxTimeout gives a call. To allow more, raise it, or set [RpcTimeout] on the method.",
            (true, _) => $"'{method.Name}' took longer than {longest}, the longest time that its [RpcTimeout] gives a call, even if the caller asks for more.",
            _ => $"'{method.Name}' took longer than its time limit of {Seconds(RequestBudget.Shorter(method.Timeout, cap))}.",
        };
    }

    private static string Seconds(TimeSpan time) => $"{time.TotalSeconds:0.###} s";

    /// <summary>Fails a one-way call. It has no caller to answer: the log shows the failure, and a dead-letter exchange gets the request.</summary>
    private CallOutcome FailOneWay(ServerCall call, string method, Exception exception)
    {
        if (call.IsAbandoned)
        {
            return CallOutcome.Dropped;
        }

        call.FaultCode = exception is OperationCanceledException && call.IsCancellationRequested ? FaultCodes.Timeout : FaultCodes.Internal;
        call.Delivery.RejectReason = call.FaultCode == FaultCodes.Timeout ? $"'{method}' took longer than its time limit." : DescribeFailure(call, method, exception);
        call.Failure = exception;
        RpcMetrics.OneWayFailed.Add(1);
        Log.OneWayFailed(environment.Log, method, settings.QueueName, call.Id.ToString(), exception);
        return CallOutcome.Rejected;
    }

    private CallOutcome Deny(ServerCall call, RpcMethod method, RpcAccessDeniedException denied)
    {
        string code = denied.IsUnauthenticated ? FaultCodes.Unauthenticated : FaultCodes.PermissionDenied;
        Log.AccessDenied(environment.Log, method.Name, settings.QueueName, call.Id.ToString(), call.Delivery.UserId, denied.Message);
        if (call.IsOneWay)
        {
            call.FaultCode = code;
            call.Delivery.RejectReason = denied.Message;
            RpcMetrics.OneWayFailed.Add(1);
            return CallOutcome.Rejected;
        }

        return WriteFault(call, code, "The call was refused.", denied.Message);
    }

    private string DescribeFailure(ServerCall call, string method, Exception exception)
    {
        if (settings.EnableDetailedErrors)
        {
            return exception.Message;
        }

        string what = exception is ResultNotSerializableException ? $"'{method}' ran, but its result cannot be written as JSON." : $"'{method}' failed.";
        string where = call.Id.ToString() is { Length: > 0 } id ? $" under call id {id}" : "";
        return $"{what} The server's log has the exception{where}.";
    }

    private static CallOutcome WriteFault(ServerCall call, string code, string title, string detail)
    {
        call.FaultCode = code;
        FaultWriter.Write(EmptyReply(call), code, title, detail, ExecutionUnlessImplied(call, code));
        return CallOutcome.Faulted;
    }

    private CallOutcome NoteRefusal(ServerCall call, string code, string reason)
    {
        call.FaultCode = code;
        RpcMetrics.RequestsRefused.Add(1, RpcMetrics.StatusCode(code));
        if (call.IsOneWay)
        {
            call.Delivery.RejectReason = reason;
            RpcMetrics.OneWayFailed.Add(1);
            Log.OneWayRefused(environment.Log, settings.QueueName, call.Type, call.Id.ToString(), code, reason);
            return CallOutcome.Rejected;
        }

        Log.RequestRefused(environment.Log, settings.QueueName, call.Type, call.Id.ToString(), code, reason);
        return CallOutcome.Faulted;
    }

    /// <summary>Whether the call ran, if the code alone would say otherwise; otherwise null. Another server may have run what it did not answer.</summary>
    private static RpcExecution? ExecutionUnlessImplied(ServerCall call, string code)
    {
        RpcExecution execution = call.HasInvokedHandler ? RpcExecution.Started
            : call.Delivery.MayHaveRun ? RpcExecution.Unknown
            : RpcExecution.NotStarted;
        return execution == FaultCodes.ExecutionOf(code) ? null : execution;
    }

    /// <summary>The reply buffer, without anything that a half-written result left in it.</summary>
    private static PooledBuffer EmptyReply(ServerCall call)
    {
        call.Reply.Reset();
        return call.Reply;
    }
}
