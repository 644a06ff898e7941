using System.Text.Json.Serialization;

namespace RpcGen;

/// <summary>One running server of a queue. Immutable.</summary>
public sealed record RpcInstance
{
    /// <summary>What tells it from other instances: random, new with each start.</summary>
    public string Id { get; init; } = "";

    /// <summary>The name of its process.</summary>
    [JsonPropertyName("process")]
    public string ProcessName { get; init; } = "";

    /// <summary>The number of its process on its host.</summary>
    public int ProcessId { get; init; }

    /// <summary>The name of its host.</summary>
    [JsonPropertyName("host")]
    public string HostName { get; init; } = "";

    /// <summary>When it was made, by its host's clock.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>What it is made with, such as <c>RpcGen/1.0.0</c>.</summary>
    public string Software { get; init; } = "";
}
