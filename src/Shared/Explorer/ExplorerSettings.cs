namespace RpcGen.Explorer;

/// <summary>What the explorer shows and allows.</summary>
internal sealed record ExplorerSettings
{
    /// <summary>Whether methods cannot be called.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>The queues that are shown; empty for all.</summary>
    public IReadOnlySet<string> Queues { get; init; } = new HashSet<string>();

    /// <summary>What requests must contain; null for nothing.</summary>
    public string? Token { get; init; }

    /// <summary>Whether a queue is shown.</summary>
    public bool Shows(string queue) => Queues.Count == 0 || Queues.Contains(queue);
}
