using System.Diagnostics;
using RpcGen.Client.Calls;
using RpcGen.Diagnostics;
using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Client.OneWay;

/// <summary>A request without a reply, on its way to the broker. Used by one thread at a time.</summary>
/// <param name="method">The method that is called.</param>
/// <param name="route">Where the request goes.</param>
/// <param name="id">The correlation id.</param>
/// <param name="timeout">The time for sending.</param>
internal sealed class OneWayRequest(RpcMethod method, RequestRoute route, CorrelationId id, TimeSpan timeout)
{
    /// <summary>The method that is called.</summary>
    public RpcMethod Method { get; } = method;

    /// <summary>Where the request goes.</summary>
    public RequestRoute Route { get; } = route;

    /// <summary>The correlation id.</summary>
    public CorrelationId Id { get; } = id;

    /// <summary>The time for sending, attempts and pauses included.</summary>
    public TimeSpan Timeout { get; } = timeout;

    /// <summary>The method's name in telemetry.</summary>
    public required CallLabel Label { get; init; }

    /// <summary>The call as failures name it.</summary>
    public CallIdentity Identity => new(Method.Name, Id.ToString(), Route.Queue);

    /// <summary>The telemetry of the whole call, if this is an attempt of a call with interceptors; null otherwise.</summary>
    public ClientObservation? Whole { get; set; }

    /// <summary>The body.</summary>
    public ReadOnlyMemory<byte> Body { get; set; }

    /// <summary>The request's priority; 0 for none.</summary>
    public byte Priority { get; init; }

    /// <summary>Whether the request carries the broker's user of the connection that sends it.</summary>
    public bool SendsUser { get; init; }

    /// <summary>The headers, except <see cref="TraceParent"/>; null for none.</summary>
    public IReadOnlyDictionary<string, object?>? Headers { get; set; }

    /// <summary>The call's span (W3C Trace Context); null without tracing.</summary>
    public string? TraceParent { get; set; }

    /// <summary>How often the request was sent. With more than one attempt, an earlier one may have arrived.</summary>
    public int Attempts { get; private set; }

    /// <summary>Whether the caller waits for a publisher confirm.</summary>
    public bool IsConfirmed => Method.IsConfirmed || Method.IsBroadcast;

    /// <summary>Counts an attempt, which is about to begin.</summary>
    public void BeginAttempt() => Attempts++;

    /// <summary>The latest attempt sent nothing and does not count.</summary>
    public void UndoAttempt()
    {
        Debug.Assert(Attempts > 0, "Only what was begun is undone.");
        Attempts--;
    }

    /// <summary>
    /// The message. It does not expire: the caller was told that the broker has it, and nobody could be told if the broker
    /// dropped it.
    /// </summary>
    /// <param name="now">The time.</param>
    /// <param name="userName">The broker's user of the connection that sends it.</param>
    public OutgoingMessage ToMessage(DateTimeOffset now, string? userName) => new()
    {
        Exchange = Route.Exchange,
        RoutingKey = Route.RoutingKey,
        IsMandatory = IsConfirmed,
        IsPersistent = Method.IsDurable,
        Priority = Priority,
        ContentType = WireNames.Json,
        Type = Route.TypeOf(Method.Name),
        CorrelationId = Id,
        Timestamp = now.ToUnixTimeSeconds(),
        UserId = SendsUser ? userName : null,
        Headers = RequestHeaders.Create(Headers, TraceParent),
        Body = Body,
    };
}
