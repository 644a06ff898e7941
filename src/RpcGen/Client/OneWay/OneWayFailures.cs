using RpcGen.Client.Calls;
using RpcGen.Client.Probing;
using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Client.OneWay;

/// <summary>
/// Creates the exceptions of one-way calls and broadcasts. Each one tells the event, whether the handler ran
/// (<see cref="RpcException.Execution"/>), and a remedy if there is one.
/// </summary>
/// <param name="broker">The broker's address without credentials, for messages.</param>
/// <param name="user">The connection's user, for messages.</param>
internal sealed class OneWayFailures(string broker, string user)
{
    /// <summary>The broker has no queue for the request, or cannot reach it.</summary>
    public RpcUnavailableException NoQueue(OneWayRequest request, string? reason, string? unreachable = null) => Unavailable(
        request,
        unreachable is null ? RpcUnavailableReason.NoQueue : RpcUnavailableReason.QueueUnreachable,
        unreachable is not null
            ? $"{Name(request)} was not sent: queue '{request.Route.Queue}' on {broker} {unreachable} ({reason}). {UnreachableQueues.Remedy}"
            : request.Method.IsBroadcast
            ? $"{Name(request)} reached nobody: no instance serves queue '{request.Route.Queue}' on {broker} ({reason}). Start a server for it."
            : $"{Name(request)} was not sent: {broker} has no {request.Route} ({reason}). Start a server for it, or check the queue's name and the virtual host.");

    /// <summary>The caller asked to fail fast, and the queue has no consumer.</summary>
    public RpcUnavailableException NoConsumer(OneWayRequest request, QueueReport report) => Unavailable(
        request,
        report.UnservedReason,
        $"{Name(request)} was not sent: {report.Describe(request.Route.Queue)} on {broker}. Start a server for it, or call without FailFast: the request then waits for one.");

    /// <summary>The connection's user cannot publish to the exchange.</summary>
    public RpcAccessDeniedException Denied(OneWayRequest request, TransportRefusedException refusal) => new(
        $"{Name(request)} was not sent: {PermissionRefusals.DescribePublish(broker, user, request.Route.Exchange, refusal.Message)}" +
        (request.Attempts == 0 ? "" : " An earlier attempt may have run and may still run."),
        refusal)
    {
        CallId = request.Id.ToString(),
        Method = request.Method.Name,
        IsBrokerRefusal = true,
        Execution = Execution(request),
    };

    /// <summary>A queue did not take the request. A queue that fails can already have delivered it.</summary>
    /// <param name="request">The request.</param>
    /// <param name="unreachable">Why the queue cannot be reached; null if it can, and for a broadcast.</param>
    public RpcUnavailableException Refused(OneWayRequest request, string? unreachable) => Unavailable(
        request,
        unreachable is null ? RpcUnavailableReason.QueueFull : RpcUnavailableReason.QueueUnreachable,
        $"The broker refused {Name(request)} (basic.nack): " + (unreachable is not null
            ? $"queue '{request.Route.Queue}' on {broker} {unreachable}. {UnreachableQueues.Remedy}"
            : (request.Method.IsBroadcast
                ? $"the queue of one instance that serves '{request.Route.Queue}' on {broker} did not take it. Others may have taken it. "
                : $"queue '{request.Route.Queue}' on {broker} did not take it. ") +
              "The queue is full and refuses further messages (x-overflow=reject-publish), or it has failed."),
        isRefused: true);

    /// <summary>The connection was lost before the publisher confirm arrived.</summary>
    public RpcConnectionException Lost(OneWayRequest request, Exception cause) => new(
        $"The connection to {broker} was lost while {Name(request)} was in flight: {cause.Message}. " +
        "Its outcome is unknown: it may have run and may still run. Calls of [RpcIdempotent] methods are sent again instead.",
        cause)
    {
        CallId = request.Id.ToString(),
        Method = request.Method.Name,
    };

    /// <summary>The request has no form in AMQP, for example because its headers exceed a frame.</summary>
    public static RpcProtocolException Unsendable(OneWayRequest request, ArgumentException cause) => new($"{Name(request)} was not sent: {cause.Message}", cause)
    {
        CallId = request.Id.ToString(),
        Method = request.Method.Name,
        Execution = ExecutionIfLastDidNotRun(request),
    };

    /// <summary>The connection was disposed while the request was being sent.</summary>
    public RpcConnectionException Disposed(OneWayRequest request) => new(
        $"The connection to {broker} was disposed while {Name(request)} was in flight. {WhatIsKnown(request)}")
    {
        CallId = request.Id.ToString(),
        Method = request.Method.Name,
        Execution = Execution(request),
        IsPermanent = true,
    };

    /// <summary>The timeout passed before the request was confirmed.</summary>
    /// <param name="request">The request.</param>
    /// <param name="reason">Why nothing can be sent now, as a clause; null if something can.</param>
    public RpcTimeoutException TimedOut(OneWayRequest request, string? reason) => new(
        $"{Name(request)} to queue '{request.Route.Queue}' was not confirmed by {broker} within {request.Timeout.TotalSeconds:0.###} s. " +
        WhatIsKnown(request) + (reason is null ? "" : $" {reason}."))
    {
        CallId = request.Id.ToString(),
        Method = request.Method.Name,
        Execution = Execution(request),
    };

    private static RpcUnavailableException Unavailable(OneWayRequest request, RpcUnavailableReason reason, string message, bool isRefused = false) => new(message, request.Route.Queue)
    {
        CallId = request.Id.ToString(),
        Method = request.Method.Name,
        Reason = reason,

        // A broadcast that one queue refused can have reached other instances. A queue that failed can refuse messages that it has delivered.
        Execution = isRefused ? RpcExecution.Unknown : ExecutionIfLastDidNotRun(request),
    };

    private static string Name(OneWayRequest request) => $"'{request.Method.Name}' (one-way call {request.Id})";

    private static RpcExecution Execution(OneWayRequest request) => request.Attempts == 0 ? RpcExecution.NotStarted : RpcExecution.Unknown;

    /// <summary>The latest attempt certainly did not run. An earlier one that was lost may have.</summary>
    private static RpcExecution ExecutionIfLastDidNotRun(OneWayRequest request) => request.Attempts > 1 ? RpcExecution.Unknown : RpcExecution.NotStarted;

    private static string WhatIsKnown(OneWayRequest request) =>
        request.Attempts == 0 ? "The request was not sent." : "The request was sent: it may have run and may still run.";
}
