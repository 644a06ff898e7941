using System.Text.Json;
using RpcGen.Generated;

namespace RpcGen.Protocol;

/// <summary>Converts the body of a fault into the caller's exception. No name from the wire selects a type.</summary>
internal static class FaultReader
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = JsonLimits.MaxDepth, AllowDuplicateProperties = false };

    /// <summary>Reads a fault. An unreadable fault becomes an <see cref="RpcProtocolException"/>.</summary>
    /// <param name="body">The fault's body.</param>
    /// <param name="method">The called method.</param>
    /// <param name="queue">The called queue.</param>
    /// <param name="callId">The call's correlation id.</param>
    /// <param name="hasEarlierAttempts">Whether an earlier attempt of the call may have run, of which the server does not know.</param>
    /// <param name="code">The fault's code if the protocol or the contract defines it; otherwise null. As a metric's attribute it must have few values.</param>
    public static Exception Read(ReadOnlyMemory<byte> body, RpcMethod method, string queue, string callId, bool hasEarlierAttempts, out string? code)
    {
        code = null;
        try
        {
            using JsonDocument problem = JsonDocument.Parse(body, Options);
            return Read(problem.RootElement, method, queue, callId, hasEarlierAttempts, out code);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the second means text that is not valid Unicode
        {
            return new RpcProtocolException($"The server replied to '{method.Name}' with an unreadable fault: {e.Message}", e)
            {
                CallId = callId,
                Method = method.Name,
            };
        }
    }

    /// <summary>Reads only the code of a fault; null if the body is not a fault.</summary>
    public static string? ReadCode(ReadOnlyMemory<byte> body)
    {
        try
        {
            using JsonDocument problem = JsonDocument.Parse(body, Options);
            return problem.RootElement.ValueKind == JsonValueKind.Object ? Code(problem.RootElement) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string Code(JsonElement problem) =>
        Text(problem, "type"u8) is { } type && type.StartsWith(WireNames.FaultUrn, StringComparison.Ordinal)
            ? type[WireNames.FaultUrn.Length..]
            : FaultCodes.Internal;

    private static Exception Read(JsonElement problem, RpcMethod method, string queue, string callId, bool hasEarlierAttempts, out string? known)
    {
        known = null;
        if (problem.ValueKind != JsonValueKind.Object)
        {
            throw new JsonException("it is not a JSON object.");
        }

        string code = Code(problem);
        string detail = Text(problem, "detail"u8) ?? Text(problem, "title"u8) ?? "The server gave no reason.";
        foreach (RpcFault fault in method.Faults)
        {
            if (fault.Code == code)
            {
                known = fault.Code;
                return Rebuild(fault, detail, problem, method, callId);
            }
        }

        known = FaultCodes.IsReserved(code) ? string.Intern(code) : null;
        RpcExecution execution = Execution(problem, code);
        execution = execution == RpcExecution.NotStarted && hasEarlierAttempts ? RpcExecution.Unknown : execution;
        if (execution == RpcExecution.Unknown && FaultCodes.ExecutionOf(code) != RpcExecution.Unknown)
        {
            detail += " An earlier attempt may have run.";
        }

        switch (code)
        {
            case FaultCodes.Validation:
                Dictionary<string, string[]> errors = Errors(problem);
                return new RpcValidationException(errors.Count > 0 ? errors : new() { [Violations.WholePath] = [detail] }) { CallId = callId, Method = method.Name, Execution = execution };
            case FaultCodes.Protocol or FaultCodes.TooLarge or FaultCodes.ResultTooLarge or FaultCodes.UnknownMethod or FaultCodes.Unsupported:
                return new RpcProtocolException(detail) { CallId = callId, Method = method.Name, Execution = execution, Code = known };
            case FaultCodes.Timeout:
                return new RpcTimeoutException(detail) { CallId = callId, Method = method.Name, Execution = execution };
            case FaultCodes.Interrupted:
                return new RpcConnectionException(detail) { CallId = callId, Method = method.Name, Execution = execution };
            case FaultCodes.Unavailable or FaultCodes.Overloaded:
                return new RpcUnavailableException(detail, queue) { CallId = callId, Method = method.Name, Execution = execution, Reason = RpcUnavailableReason.Overloaded, RetryAfter = Pause(problem) };
            case FaultCodes.Unauthenticated or FaultCodes.PermissionDenied:
                return new RpcAccessDeniedException(detail) { CallId = callId, Method = method.Name, Execution = execution, IsUnauthenticated = code == FaultCodes.Unauthenticated };
            default:
                return new RpcRemoteException(FaultCodes.IsReserved(code) || method.HasRawResult ? detail : Undeclared(code, detail, method), code, callId, Text(problem, "exception"u8)) { Method = method.Name, Execution = execution, FaultData = problem.TryGetProperty("data"u8, out JsonElement data) ? data.Clone() : null };
        }
    }

    /// <summary>The message of a fault that the caller's contract does not declare: that of another version, or of a server in another language.</summary>
    private static string Undeclared(string code, string detail, RpcMethod method) =>
        $"The server answered '{method.Name}' with the fault '{code}', which '{method.Contract}' does not declare: {detail}";

    /// <summary>What the fault says about the execution (<c>ran</c>), or else what its code implies.</summary>
    private static RpcExecution Execution(JsonElement problem, string code) =>
        (problem.TryGetProperty("ran"u8, out JsonElement ran) ? ran.ValueKind : JsonValueKind.Undefined) switch
        {
            JsonValueKind.True => RpcExecution.Started,
            JsonValueKind.False => RpcExecution.NotStarted,
            JsonValueKind.Null => RpcExecution.Unknown,
            _ => FaultCodes.ExecutionOf(code),
        };

    /// <summary>When the caller can try again; null if the fault does not say.</summary>
    private static TimeSpan? Pause(JsonElement problem) =>
        problem.TryGetProperty("retryAfter"u8, out JsonElement pause) && pause.ValueKind == JsonValueKind.Number && pause.TryGetUInt32(out uint milliseconds)
            ? TimeSpan.FromMilliseconds(milliseconds)
            : null;

    private static Exception Rebuild(RpcFault fault, string message, JsonElement problem, RpcMethod method, string callId)
    {
        problem.TryGetProperty("data"u8, out JsonElement data);
        try
        {
            return fault.RebuildForCaller(new RpcFaultData(message, data));
        }
        catch (JsonException e)
        {
            throw new JsonException($"the data of fault '{fault.Code}' does not fit its declared exception: {e.Message}", e);
        }
#pragma warning disable CA1031 // The user's constructor threw: the caller gets the fault as an RpcRemoteException.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return new RpcRemoteException(message, fault.Code, callId, $"The declared exception could not be rebuilt: {e}") { Method = method.Name };
        }
    }

    private static string? Text(JsonElement problem, ReadOnlySpan<byte> name) =>
        problem.TryGetProperty(name, out JsonElement member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;

    /// <summary>Reads the violations, within the limits that servers keep.</summary>
    private static Dictionary<string, string[]> Errors(JsonElement problem)
    {
        var errors = new Violations();
        if (problem.TryGetProperty("errors"u8, out JsonElement paths) && paths.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty path in paths.EnumerateObject().TakeWhile(_ => !errors.IsFull))
            {
                AddMessages(errors, path.Name, path.Value);
            }
        }

        return errors.IsEmpty ? [] : errors.ToErrors();
    }

    private static void AddMessages(Violations errors, string path, JsonElement messages)
    {
        if (messages.ValueKind != JsonValueKind.Array)
        {
            errors.Add(path, messages.ToString());
            return;
        }

        foreach (JsonElement message in messages.EnumerateArray().TakeWhile(_ => !errors.IsFull))
        {
            errors.Add(path, message.ToString());
        }
    }
}
