using System.Text.Json.Serialization;

namespace RpcGen;

/// <summary>One running server of a queue. Immutable.</summary>
public sealed class RpcInstance
{
    /// <summary>A random identifier, new with each start of the server.</summary>
    public string Id { get; init; } = "";

    /// <summary>The name of the server's process.</summary>
    [JsonPropertyName("process")]
    public string ProcessName { get; init; } = "";

    /// <summary>The number of the server's process on its host.</summary>
    public int ProcessId { get; init; }

    /// <summary>The name of the server's host.</summary>
    [JsonPropertyName("host")]
    public string HostName { get; init; } = "";

    /// <summary>When the server started, by its host's clock.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>The library that the server uses, such as <c>RpcGen/1.0.0</c>.</summary>
    public string Software { get; init; } = "";
}
