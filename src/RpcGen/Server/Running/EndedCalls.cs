using System.Buffers;
using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Server.Watching;

namespace RpcGen.Server.Running;

/// <summary>Tells those who watch what became of a request. Questions, batches as a whole, and requests that are sent back are no calls.</summary>
internal static class EndedCalls
{
    private const int TraceIdStart = 3;
    private const int TraceIdLength = 32;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    /// <summary>Reports a request that has its outcome.</summary>
    /// <param name="watches">Where to.</param>
    /// <param name="active">Those who watch.</param>
    /// <param name="call">The call.</param>
    /// <param name="method">The method; null if the request names none.</param>
    /// <param name="outcome">The outcome.</param>
    /// <param name="duration">How long the method ran, in ticks of the clock; null if it did not run.</param>
    /// <param name="time">The clock.</param>
    public static void Report(CallWatches watches, CallWatch[] active, ServerCall call, RpcMethod? method, CallOutcome outcome, long? duration, TimeProvider time)
    {
        if (outcome is CallOutcome.Opened or CallOutcome.SentBack || (method is null && call.Kind != MessageKind.Call))
        {
            return;
        }

        RpcCallOutcome ended = OutcomeOf(call, outcome, hasRun: duration is not null);
        TimeSpan? run = duration is { } ticks ? time.GetElapsedTime(0, ticks) : null;
        TimeSpan waited = time.GetElapsedTime(call.Delivery.ReceivedAt, call.StartedAt ?? time.GetTimestamp());
        watches.Note(active, new CallEvent(call.Id, method?.Name ?? call.Type ?? "", ended, CodeOf(call, ended), run, waited, call.Delivery.MayHaveRun, TraceOf(call), time.GetUtcNow()));
    }

    private static RpcCallOutcome OutcomeOf(ServerCall call, CallOutcome outcome, bool hasRun) =>
        !hasRun ? RpcCallOutcome.Refused
        : outcome == CallOutcome.Dropped || IsGivenUp(call) ? RpcCallOutcome.Cancelled
        : outcome is CallOutcome.Replied or CallOutcome.Completed ? RpcCallOutcome.Answered
        : RpcCallOutcome.Faulted;

    /// <summary>Whether nobody gets the outcome, although the handler may have ended like any other.</summary>
    private static bool IsGivenUp(ServerCall call) => call.IsCancelledByCaller || call.IsAbandoned || call.Answer.GivenUp is not null;

    private static string? CodeOf(ServerCall call, RpcCallOutcome outcome) =>
        outcome == RpcCallOutcome.Answered ? null
        : call.IsCancelledByCaller ? FaultCodes.Cancelled
        : IsGivenUp(call) ? FaultCodes.Interrupted
        : call.FaultCode ?? (call.Deadline == long.MaxValue ? FaultCodes.Protocol : FaultCodes.Timeout); // without a deadline: it had no reply address

    /// <summary>The trace of the caller, or else the one that starts here.</summary>
    private static string? TraceOf(ServerCall call) => call.TraceParent is { } parent
        ? parent.Length >= TraceIdStart + TraceIdLength && !parent.AsSpan(TraceIdStart, TraceIdLength).ContainsAnyExcept(HexDigits) ? parent.Substring(TraceIdStart, TraceIdLength) : null
        : call.Observation?.Span?.TraceId.ToHexString();
}
