using RpcGen.Client.Probing;
using RpcGen.Protocol;
using RpcGen.Streams.LongCalls;
using RpcGen.Transport;

namespace RpcGen.Client.Calls;

/// <summary>
/// Creates the exceptions of calls that wait for a reply. Each one tells the event, whether the handler ran
/// (<see cref="RpcException.Execution"/>), and a remedy if there is one. Faults are read elsewhere: the server made them.
/// </summary>
/// <param name="broker">The broker's address without credentials, for messages.</param>
/// <param name="user">The connection's user, for messages.</param>
internal sealed class CallExceptions(string broker, string user)
{
    private const string MayHaveRun = "It may have run and may still run.";

    /// <summary>The call is made by a handler whose own deadline has passed.</summary>
    public static RpcTimeoutException HandlerExpired(CallIdentity call, string handling) =>
        new($"{call} was not sent: the deadline of '{handling}', which makes this call, has passed.")
        {
            CallId = call.CallId,
            Method = call.Method,
            Execution = RpcExecution.NotStarted,
        };

    /// <summary>An interceptor makes the call after its time is up. Earlier attempts may have run.</summary>
    public static RpcTimeoutException NoTimeLeft(string method, TimeSpan timeout) =>
        new($"'{method}' was not sent again: the {timeout.TotalSeconds:0.###} s of the call have passed.") { Method = method };

    /// <summary>The arguments break the contract.</summary>
    public static RpcValidationException Invalid(CallIdentity call, IReadOnlyDictionary<string, string[]> errors) =>
        new(errors) { CallId = call.CallId, Method = call.Method };

    /// <summary>The arguments are nested too deeply, or contain themselves.</summary>
    public static RpcValidationException TooDeep(CallIdentity call) =>
        Invalid(call, new Dictionary<string, string[]>
        {
            ["$"] = [$"The arguments are nested deeper than {JsonLimits.MaxDepth} levels, or contain themselves."],
        });

    /// <summary>The arguments have no form in JSON.</summary>
    public static RpcProtocolException Unwritable(CallIdentity call, Exception cause) =>
        NotStarted(call, $"The arguments of {call} cannot be written as JSON: {cause.Message}", cause);

    /// <summary>The check of the arguments failed by itself.</summary>
    public static RpcProtocolException Unchecked(CallIdentity call, Exception cause) =>
        NotStarted(call, $"The arguments of {call} cannot be checked: {cause.Message}", cause);

    /// <summary>The request exceeds the connection's limit.</summary>
    public static RpcProtocolException RequestTooLarge(CallIdentity call, int length, int limit) =>
        new($"The request of {call} has {length} bytes, more than the limit of {limit} (RpcConnectionOptions.MaxMessageBytes). It was not sent.")
        {
            CallId = call.CallId,
            Method = call.Method,
            Execution = RpcExecution.NotStarted,
            Code = FaultCodes.TooLarge,
        };

    /// <summary>The limit of pending calls is reached.</summary>
    public static RpcUnavailableException TooManyCalls(string method, string queue, int limit, string setting) =>
        new($"'{method}' was not sent: {limit} calls wait for their outcome, the most that {setting} allows.", queue) { Method = method, Reason = RpcUnavailableReason.TooManyCalls };

    /// <summary>The queue's servers refuse most calls, and this one would probably be refused too.</summary>
    public static RpcUnavailableException Throttled(string method, string queue, TimeSpan retryAfter) =>
        new($"'{method}' was not sent: the servers of queue '{queue}' are overloaded and have refused most calls of the last 10 s.", queue)
        {
            Method = method,
            Reason = RpcUnavailableReason.Overloaded,
            RetryAfter = retryAfter,
        };

    /// <summary>The request exceeds the broker's limit.</summary>
    /// <param name="call">The call.</param>
    /// <param name="length">The size of the request.</param>
    /// <param name="limit">The broker's limit.</param>
    /// <param name="earlierAttempts">The attempts that may have reached a server.</param>
    public static RpcProtocolException TooLargeForBroker(CallIdentity call, int length, int limit, int earlierAttempts) =>
        new($"The request of {call} has {length} bytes, more than the broker's limit of {limit} (max_message_size). " +
            $"The broker did not take it.{(earlierAttempts > 0 ? " An earlier attempt may have run." : "")} Send less, or raise the limit on the broker.")
        {
            CallId = call.CallId,
            Method = call.Method,
            Execution = earlierAttempts > 0 ? RpcExecution.Unknown : RpcExecution.NotStarted,
            Code = FaultCodes.TooLarge,
        };

    /// <summary>The request has no form in AMQP, for example because its headers exceed a frame.</summary>
    public static RpcProtocolException Unsendable(CallIdentity call, int attempts, ArgumentException cause) => attempts > 1
        ? new($"{call} was not sent again: {cause.Message} {MayHaveRun}", cause) { CallId = call.CallId, Method = call.Method }
        : NotStarted(call, $"{call} was not sent: {cause.Message}", cause);

    /// <summary>The connection's user cannot publish to the call's exchange, or there is no such exchange.</summary>
    /// <param name="call">The call.</param>
    /// <param name="route">Where it goes.</param>
    /// <param name="earlierAttempts">The attempts that may have reached a server.</param>
    /// <param name="refusal">The broker's refusal.</param>
    public RpcException Refused(CallIdentity call, RequestRoute route, int earlierAttempts, TransportRefusedException refusal) =>
        refusal.Code == AmqpReplyCodes.NotFound
            ? NoQueue(call, route, refusal.Message)
            : AccessDenied(call, earlierAttempts, PermissionRefusals.DescribePublish(broker, user, route.Exchange, refusal.Message), refusal);

    /// <summary>The connection's user cannot receive replies.</summary>
    /// <param name="call">The call.</param>
    /// <param name="earlierAttempts">The attempts that may have reached a server.</param>
    /// <param name="refusal">The broker's refusal.</param>
    public RpcAccessDeniedException LinkRefused(CallIdentity call, int earlierAttempts, TransportRefusedException refusal) =>
        AccessDenied(call, earlierAttempts, PermissionRefusals.Describe(PermissionRefusals.NoCallbackQueue, broker, user, refusal), refusal);

    /// <summary>The caller asked to fail fast, and the queue has no consumer.</summary>
    public RpcUnavailableException NoConsumer(CallIdentity call, QueueReport report) =>
        new($"{call} was not sent: {report.Describe(call.Queue)} on {broker}. Start a server for it, or call without FailFast to wait for one.", call.Queue)
        {
            CallId = call.CallId,
            Method = call.Method,
            Reason = report.UnservedReason,
        };

    /// <summary>The broker returned the request, or has no such exchange.</summary>
    public RpcUnavailableException NoQueue(CallIdentity call, RequestRoute route, string reason, QueueReport? report = null) =>
        new(report?.Unreachable is { } unreachable
            ? $"{call} was not sent: queue '{route.Queue}' on {broker} {unreachable} ({reason}). {UnreachableQueues.Remedy}"
            : $"{call} was not sent: {broker} has no {route} ({reason}). Start a server for it, or check the queue's name and the virtual host.", route.Queue)
        {
            CallId = call.CallId,
            Method = call.Method,
            Reason = report?.Unreachable is null ? RpcUnavailableReason.NoQueue : RpcUnavailableReason.QueueUnreachable,
        };

    /// <summary>
    /// The queue refused the request. If the queue exists, it is full, and the call did not run. A queue that failed can already
    /// have delivered the request that it refuses.
    /// </summary>
    public RpcUnavailableException QueueRefused(CallIdentity call, int earlierAttempts, QueueReport report) =>
        new($"The broker refused {call} (basic.nack): " + (report.UnreachableAfterRefusal is { } unreachable
            ? $"queue '{call.Queue}' on {broker} {unreachable}. {MayHaveRun} {UnreachableQueues.Remedy}"
            : $"queue '{call.Queue}' on {broker} did not take it. It is full and refuses further messages (x-overflow=reject-publish){(report.Exists ? "" : ", or it has failed")}. " +
              $"{(earlierAttempts > 0 ? "An earlier attempt may have run. " : "")}Start another server, or raise the limit of the queue."), call.Queue)
        {
            CallId = call.CallId,
            Method = call.Method,
            Reason = report.UnreachableAfterRefusal is null ? RpcUnavailableReason.QueueFull : RpcUnavailableReason.QueueUnreachable,
            Execution = earlierAttempts > 0 || !report.Exists ? RpcExecution.Unknown : RpcExecution.NotStarted,
        };

    /// <summary>The link was lost after the request was sent.</summary>
    public RpcConnectionException LinkLost(CallIdentity call, string? node, string reason) =>
        new($"The connection to {broker}{(node is null ? "" : $", node {node},")} was lost while {call} was in flight: {reason}. " +
            "Its outcome is unknown: it may have run and may still run. Calls of [RpcIdempotent] methods are sent again instead.")
        {
            CallId = call.CallId,
            Method = call.Method,
        };

    /// <summary>Servers sent the call back too often, or one that must not run twice.</summary>
    public static RpcConnectionException SentBack(CallIdentity call, int times) =>
        new($"{call} was sent back {(times == 1 ? "once" : $"{times} times")}: each time the server that had the request was lost before it answered. " +
            $"It is not sent again. {MayHaveRun} Look for servers of '{call.Queue}' that ended while they ran '{call.Method}'.")
        {
            CallId = call.CallId,
            Method = call.Method,
        };

    /// <summary>The server of a long call is lost, or has given the call up.</summary>
    public RpcConnectionException ServerLost(CallIdentity call, AwaitedEnd end) =>
        new($"The server that ran {call} on {broker} {DescribeLoss(end)}. {MayHaveRun} Calls of [RpcIdempotent] methods are sent again instead.")
        {
            CallId = call.CallId,
            Method = call.Method,
        };

    private static string DescribeLoss(AwaitedEnd end) => end switch
    {
        AwaitedEnd.Gone => "has ended, or has lost the broker",
        AwaitedEnd.Silent => "is silent: its process hangs, or is cut off from the broker",
        _ => "has given the call up, because it had not heard of this process for too long, or has ended and started again",
    };

    /// <summary>The transport failed in an unexpected way.</summary>
    public RpcConnectionException SendFailed(CallIdentity call, Exception cause) =>
        new($"{call} could not be sent to {broker}: {cause.Message} Its outcome is unknown.", cause) { CallId = call.CallId, Method = call.Method };

    /// <summary>The connection was disposed while the call was pending.</summary>
    public RpcConnectionException Disposed(CallIdentity call, bool wasSent) =>
        new($"The connection to {broker} was disposed while {call} was pending. {(wasSent ? MayHaveRun : "It was not sent.")}")
        {
            CallId = call.CallId,
            Method = call.Method,
            Execution = wasSent ? RpcExecution.Unknown : RpcExecution.NotStarted,
            IsPermanent = true,
        };

    /// <summary>The connection was disposed before the call.</summary>
    public static ObjectDisposedException ConnectionDisposed() => new("RpcConnection");

    /// <summary>The deadline passed.</summary>
    public static RpcTimeoutException Expired(CallIdentity call, TimeoutReport report) =>
        new(report.Describe())
        {
            CallId = call.CallId,
            Method = call.Method,
            Execution = report.Sent == SentState.NotSent ? RpcExecution.NotStarted : RpcExecution.Unknown,
        };

    /// <summary>The reply's body cannot be read.</summary>
    public static RpcProtocolException UnreadableReply(CallIdentity call, Exception cause) =>
        Started(call, $"The reply to {call} cannot be read: {cause.Message}", cause);

    /// <summary>The batch that the reply is in cannot be read.</summary>
    public static RpcProtocolException UnreadableBatch(CallIdentity call, Exception cause) =>
        Started(call, $"The batch with the reply to {call} cannot be read: {cause.Message}", cause);

    /// <summary>The transport cannot read the reply.</summary>
    public static RpcProtocolException UnreadableHeaders(CallIdentity call) =>
        Started(call, $"The reply to {call} has unreadable headers, or a body that is too large.");

    /// <summary>The reply has a content type or encoding that is not understood.</summary>
    public static RpcProtocolException UnknownContentType(CallIdentity call, string? contentType, string? contentEncoding) =>
        Started(call, $"The reply to {call} has content type '{contentType}' and encoding '{contentEncoding}', which are not understood.");

    /// <summary>The reply exceeds the connection's limit.</summary>
    public static RpcProtocolException ReplyTooLarge(CallIdentity call, int length, int limit) =>
        Started(call, $"The reply to {call} has {length} bytes, more than the limit of {limit} (RpcConnectionOptions.MaxMessageBytes).");

    /// <summary>The reply is neither a result nor a fault.</summary>
    public static RpcProtocolException UnknownReplyType(CallIdentity call, string? type) =>
        Started(call, $"The reply to {call} has the unknown type '{type}'.");

    private static RpcAccessDeniedException AccessDenied(CallIdentity call, int earlierAttempts, string reason, Exception cause) =>
        new($"{call} was not sent{(earlierAttempts > 0 ? " again" : "")}: {reason}{(earlierAttempts > 0 ? " " + MayHaveRun : "")}", cause)
        {
            CallId = call.CallId,
            Method = call.Method,
            IsBrokerRefusal = true,
            Execution = earlierAttempts > 0 ? RpcExecution.Unknown : RpcExecution.NotStarted,
        };

    private static RpcProtocolException NotStarted(CallIdentity call, string message, Exception? cause = null) =>
        new(message, cause) { CallId = call.CallId, Method = call.Method, Execution = RpcExecution.NotStarted };

    private static RpcProtocolException Started(CallIdentity call, string message, Exception? cause = null) =>
        new(message, cause) { CallId = call.CallId, Method = call.Method, Execution = RpcExecution.Started };
}
