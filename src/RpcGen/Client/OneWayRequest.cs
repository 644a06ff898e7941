using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Client;

/// <summary>A request that nobody waits for an answer to, on its way to the broker.</summary>
internal sealed class OneWayRequest(RpcMethod method, ServiceAddress service, CorrelationId id, byte priority, byte[] body, TimeSpan timeout, string broker)
{
    public RpcMethod Method { get; } = method;

    public string Queue => service.Queue;

    /// <summary>The exchange it goes to; empty for the default exchange.</summary>
    public string Exchange { get; } = method.IsBroadcast ? service.Queue + WireNames.BroadcastExchangeSuffix : "";

    /// <summary>How long sending may take, for messages.</summary>
    public TimeSpan Timeout { get; } = timeout;

    /// <summary>The call's correlation id.</summary>
    public CorrelationId Id { get; } = id;

    /// <summary>The headers, less <see cref="TraceParent"/>; null for none.</summary>
    public IReadOnlyDictionary<string, object?>? Headers { get; set; }

    /// <summary>The span that this call is (W3C Trace Context); null where nobody traces.</summary>
    public string? TraceParent { get; set; }

    /// <summary>The user who sends it; null where that is not told.</summary>
    public string? UserId { get; init; }

    /// <summary>How often it was sent: more than once, and an earlier sending may have arrived.</summary>
    public int Sendings { get; set; }

    /// <summary>What is said of it in exceptions.</summary>
    public string Name => $"'{Method.Name}' (one-way call {Id})";

    /// <summary>
    /// The message. It does not expire: the caller was told that the broker has it, and nobody could be told that it was
    /// dropped.
    /// </summary>
    public OutgoingMessage ToMessage(bool isMandatory, DateTimeOffset now) => new()
    {
        Exchange = Exchange,
        RoutingKey = Method.IsBroadcast ? "" : service.Queue,
        IsMandatory = isMandatory,
        IsPersistent = Method.IsDurable,
        Priority = priority,
        ContentType = WireNames.Json,
        Type = service.BodyStyle == RpcBodyStyle.Bare ? null : Method.Name,
        CorrelationId = Id,
        Timestamp = now.ToUnixTimeSeconds(),
        UserId = UserId,
        Headers = RequestHeaders.Create(Headers, TraceParent),
        Body = body,
    };

    /// <summary>Nobody is there to take it.</summary>
    public RpcUnavailableException Unserved(string? reason) => new(
        Method.IsBroadcast
            ? $"{Name} reached nobody: no instance serves queue '{Queue}' on {broker} ({reason}). Start a server for it."
            : $"{Name} was not sent: {broker} has no queue '{Queue}' ({reason}). Start a server for it, or check the queue's name and the virtual host.",
        Queue);

    /// <summary>Nobody consumes its queue, and it was not to wait.</summary>
    public RpcUnavailableException Unattended(QueueReport report) => new(
        $"{Name} was not sent: {report.Describe(Queue)} on {broker}. Start a server for it, or call without FailFast to have it wait for one.", Queue);

    /// <summary>A queue does not take it.</summary>
    public RpcUnavailableException Refused() => new(
        (Method.IsBroadcast
            ? $"The broker refused {Name} (basic.nack): the queue of one of the instances that serve '{Queue}' on {broker} did not take it, others may have. "
            : $"The broker refused {Name} (basic.nack): queue '{Queue}' on {broker} did not take it. ") +
        "It is full and set to refuse what comes beyond (x-overflow=reject-publish), or it has failed.",
        Queue);

    /// <summary>The way was lost before the broker's word came.</summary>
    public RpcConnectionException Lost(Exception cause) => new(
        $"The connection to {broker} was lost while {Name} was under way: {cause.Message}. " +
        "Its outcome is unknown: it may have run and may still run. Methods marked [RpcIdempotent] are sent again instead.",
        cause);

    /// <summary>It is not as AMQP has messages.</summary>
    public RpcProtocolException Unsendable(ArgumentException cause) => new($"{Name} can't be sent: {cause.Message}", cause);

    /// <summary>The client is disposed.</summary>
    public RpcConnectionException Disposed() => new(
        $"The connection to {broker} was disposed while {Name} was under way. " + WhatIsKnown);

    /// <summary>Its time is up.</summary>
    public RpcTimeoutException TimedOut(string trouble) => new(
        $"{Name} to queue '{Queue}' was not confirmed by {broker} within {Timeout.TotalSeconds:0.###} s. {WhatIsKnown}{trouble}");

    private string WhatIsKnown => Sendings == 0 ? "The request was not sent." : "The request was sent: it may have run and may still run.";
}
