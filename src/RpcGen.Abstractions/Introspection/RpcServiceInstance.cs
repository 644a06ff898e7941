namespace RpcGen;

/// <summary>A running server, and what it serves. Immutable.</summary>
public sealed class RpcServiceInstance
{
    /// <summary>The queue that is served.</summary>
    public string Queue { get; init; } = "";

    /// <summary>The contract's full name in C#, such as <c>Shop.IOrders</c>. Empty if the server restricts who can see its description.</summary>
    public string Contract { get; init; } = "";

    /// <summary>The version of the contract's assembly; null if it has none.</summary>
    public string? Version { get; init; }

    /// <summary>
    /// A hash of the description without the instance. Instances with the same digest have the same description. Empty if
    /// the server restricts who can see its description.
    /// </summary>
    public string Digest { get; init; } = "";

    /// <summary>The process that serves.</summary>
    public RpcInstance Instance { get; init; } = new();
}
