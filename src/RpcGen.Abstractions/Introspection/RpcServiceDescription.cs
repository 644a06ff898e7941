namespace RpcGen;

/// <summary>A server's description of its service: see <c>RpcConnection.DescribeAsync</c>. Immutable.</summary>
public sealed class RpcServiceDescription
{
    /// <summary>The version of the protocol that the server speaks.</summary>
    public int ProtocolVersion { get; init; }

    /// <summary>What is described, and the instance that answered: one of those that serve the queue.</summary>
    public RpcServiceInstance Service { get; init; } = new();

    /// <summary>The contract's text; null if it has none.</summary>
    public string? Summary { get; init; }

    /// <summary>Why the contract is obsolete, empty if it does not say; null if it is not obsolete.</summary>
    public string? Deprecation { get; init; }

    /// <summary>The methods, in the order of the contract.</summary>
    public IReadOnlyList<RpcMethodDescription> Methods { get; init; } = [];

    /// <summary>
    /// The description as it came: a JSON Schema document (2020-12) in UTF-8. The schemas of methods refer to its definitions,
    /// <c>#/$defs/…</c>.
    /// </summary>
    public ReadOnlyMemory<byte> Utf8Json { get; init; }
}
