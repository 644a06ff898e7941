namespace Microsoft.AspNetCore.Builder;

/// <summary>What the explorer of an application shows and allows. Read once, when it is mapped.</summary>
public sealed class RpcExplorerOptions
{
    /// <summary>Whether methods cannot be called. Default: false.</summary>
    public bool ReadOnly { get; set; }

    /// <summary>The key of the broker (<c>AddKeyedRpcGen</c>); null for the default broker. Default: null.</summary>
    public string? ServiceKey { get; set; }

    /// <summary>The queues whose services are shown and can be called. Default: empty, which means all of the virtual host.</summary>
    public ISet<string> Queues { get; } = new HashSet<string>(StringComparer.Ordinal);
}
