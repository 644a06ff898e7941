using System.Text.Json;
using System.Text.Json.Serialization;

namespace RpcGen;

/// <summary>A server's description of one method. Immutable.</summary>
public sealed class RpcMethodDescription
{
    /// <summary>The name on the wire: the AMQP property <c>type</c> of requests.</summary>
    public string Name { get; init; } = "";

    /// <summary>The time limit of calls whose caller sets none; null for no limit.</summary>
    [JsonConverter(typeof(MillisecondsConverter))]
    public TimeSpan? Timeout { get; init; }

    /// <summary>Whether callers wait for no reply: see <see cref="RpcOneWayAttribute"/>.</summary>
    [JsonPropertyName("oneWay")]
    public bool IsOneWay { get; init; }

    /// <summary>Whether every instance gets each call: see <see cref="RpcBroadcastAttribute"/>.</summary>
    [JsonPropertyName("broadcast")]
    public bool IsBroadcast { get; init; }

    /// <summary>Whether the method can run twice for one call without harm: see <see cref="RpcIdempotentAttribute"/>.</summary>
    [JsonPropertyName("idempotent")]
    public bool IsIdempotent { get; init; }

    /// <summary>Whether the method never runs twice for one call: see <see cref="RpcAtMostOnceAttribute"/>.</summary>
    [JsonPropertyName("atMostOnce")]
    public bool IsAtMostOnce { get; init; }

    /// <summary>Whether requests survive a restart of the broker: see <see cref="RpcDurableAttribute"/>.</summary>
    [JsonPropertyName("durable")]
    public bool IsDurable { get; init; }

    /// <summary>The priority of requests: see <see cref="RpcPriorityAttribute"/>.</summary>
    public byte Priority { get; init; }

    /// <summary>The policies that a call must satisfy: see <see cref="RpcAuthorizeAttribute"/>.</summary>
    public IReadOnlyList<string> Policies { get; init; } = [];

    /// <summary>The codes of the declared faults.</summary>
    public IReadOnlyList<string> Faults { get; init; } = [];

    /// <summary>A JSON Schema document for the body of requests.</summary>
    [JsonPropertyName("arguments")]
    public JsonElement ArgumentsSchema { get; init; }

    /// <summary>A JSON Schema document for results; null for a method that returns nothing, and for one that returns a stream.</summary>
    [JsonPropertyName("result")]
    public JsonElement? ResultSchema { get; init; }

    /// <summary>A JSON Schema document for the items of a stream; null for a method that returns no stream.</summary>
    [JsonPropertyName("items")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? ItemSchema { get; init; }
}
