using System.Text.Json.Serialization;

namespace RpcGen;

/// <summary>A server's description of its service: see <c>RpcConnection.DescribeAsync</c>. Immutable.</summary>
public sealed class RpcServiceDescription
{
    /// <summary>The version of the protocol that the server speaks.</summary>
    [JsonPropertyName("protocol")]
    public int ProtocolVersion { get; init; }

    /// <summary>The contract's full name in C#, such as <c>Shop.IOrders</c>.</summary>
    public string Contract { get; init; } = "";

    /// <summary>The version of the contract's assembly; null if it has none.</summary>
    public string? Version { get; init; }

    /// <summary>The queue that is served.</summary>
    public string Queue { get; init; } = "";

    /// <summary>The instance that answered, one of those that serve the queue.</summary>
    public RpcInstance Instance { get; init; } = new();

    /// <summary>The methods, in the order of the contract.</summary>
    public IReadOnlyList<RpcMethodDescription> Methods { get; init; } = [];

    /// <summary>The calls that the instance has handled.</summary>
    public RpcServerCounters Counters { get; init; } = new();
}
