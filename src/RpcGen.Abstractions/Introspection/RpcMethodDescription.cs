using System.Text.Json;
using System.Text.Json.Serialization;

namespace RpcGen;

/// <summary>What a server says of one of its methods. Immutable.</summary>
public sealed record RpcMethodDescription
{
    /// <summary>The name on the wire, the AMQP <c>type</c> of requests.</summary>
    public string Name { get; init; } = "";

    /// <summary>How long a call may take where its caller says nothing else; null for no limit.</summary>
    [JsonConverter(typeof(MillisecondsConverter))]
    public TimeSpan? Timeout { get; init; }

    /// <summary>Whether callers wait for no reply: see <see cref="RpcOneWayAttribute"/>.</summary>
    [JsonPropertyName("oneWay")]
    public bool IsOneWay { get; init; }

    /// <summary>Whether every instance gets each call: see <see cref="RpcBroadcastAttribute"/>.</summary>
    [JsonPropertyName("broadcast")]
    public bool IsBroadcast { get; init; }

    /// <summary>Whether running it twice does no harm: see <see cref="RpcIdempotentAttribute"/>.</summary>
    [JsonPropertyName("idempotent")]
    public bool IsIdempotent { get; init; }

    /// <summary>Whether it never runs twice for a call: see <see cref="RpcAtMostOnceAttribute"/>.</summary>
    [JsonPropertyName("atMostOnce")]
    public bool IsAtMostOnce { get; init; }

    /// <summary>Whether requests are to survive a restart of the broker: see <see cref="RpcDurableAttribute"/>.</summary>
    [JsonPropertyName("durable")]
    public bool IsDurable { get; init; }

    /// <summary>The priority of requests: see <see cref="RpcPriorityAttribute"/>.</summary>
    public byte Priority { get; init; }

    /// <summary>The policies that a call has to satisfy: see <see cref="RpcAuthorizeAttribute"/>.</summary>
    public IReadOnlyList<string> Policies { get; init; } = [];

    /// <summary>The codes of the faults that it declares.</summary>
    public IReadOnlyList<string> Faults { get; init; } = [];

    /// <summary>What a request's body has to look like: a JSON Schema, a document of its own.</summary>
    [JsonPropertyName("arguments")]
    public JsonElement ArgumentsSchema { get; init; }

    /// <summary>What a result looks like: a JSON Schema, a document of its own; null for a method without result.</summary>
    [JsonPropertyName("result")]
    public JsonElement? ResultSchema { get; init; }
}
