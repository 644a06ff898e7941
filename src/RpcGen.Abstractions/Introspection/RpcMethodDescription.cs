using System.Text.Json;

namespace RpcGen;

/// <summary>A server's description of one method. Immutable.</summary>
public sealed class RpcMethodDescription
{
    /// <summary>The name on the wire: the AMQP property <c>type</c> of requests.</summary>
    public string Name { get; init; } = "";

    /// <summary>The method's text; null if it has none.</summary>
    public string? Summary { get; init; }

    /// <summary>Why the method is obsolete, empty if it does not say; null if it is not obsolete.</summary>
    public string? Deprecation { get; init; }

    /// <summary>Whether the method learns that its caller has given up.</summary>
    public bool IsCancellable { get; init; }

    /// <summary>How often a call can run where it is in doubt: what <see cref="IsIdempotent"/> and <see cref="IsAtMostOnce"/> say.</summary>
    public RpcDelivery Delivery => IsAtMostOnce ? RpcDelivery.AtMostOnce : IsIdempotent ? RpcDelivery.Idempotent : RpcDelivery.AtLeastOnce;

    /// <summary>The time limit of calls whose caller sets none; null for no limit.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Whether callers wait for no reply: see <see cref="RpcOneWayAttribute"/>.</summary>
    public bool IsOneWay { get; init; }

    /// <summary>Whether every instance gets each call: see <see cref="RpcBroadcastAttribute"/>.</summary>
    public bool IsBroadcast { get; init; }

    /// <summary>Whether the method can run twice for one call without harm: see <see cref="RpcIdempotentAttribute"/>.</summary>
    public bool IsIdempotent { get; init; }

    /// <summary>Whether the method never runs twice for one call: see <see cref="RpcAtMostOnceAttribute"/>.</summary>
    public bool IsAtMostOnce { get; init; }

    /// <summary>Whether requests survive a restart of the broker: see <see cref="RpcDurableAttribute"/>.</summary>
    public bool IsDurable { get; init; }

    /// <summary>Whether calls are long from the start: see <see cref="RpcLongRunningAttribute"/>.</summary>
    public bool IsLongRunning { get; init; }

    /// <summary>The priority of requests: see <see cref="RpcPriorityAttribute"/>.</summary>
    public byte Priority { get; init; }

    /// <summary>The policies that a call must satisfy: see <see cref="RpcAuthorizeAttribute"/>.</summary>
    public IReadOnlyList<string> Policies { get; init; } = [];

    /// <summary>The declared faults: by code, the JSON Schema of the fault's data.</summary>
    public IReadOnlyDictionary<string, JsonElement> Faults { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>The JSON Schema of the body of requests. References start at the root of <see cref="RpcServiceDescription.Utf8Json"/>.</summary>
    public JsonElement Arguments { get; init; }

    /// <summary>The JSON Schema of results; null for a method that returns nothing, and for one that returns a stream.</summary>
    public JsonElement? Result { get; init; }

    /// <summary>The JSON Schema of the items of a stream; null for a method that returns no stream.</summary>
    public JsonElement? Items { get; init; }
}
