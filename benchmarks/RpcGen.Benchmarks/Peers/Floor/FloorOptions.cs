namespace RpcGen.Benchmarks.Peers.Floor;

/// <summary>Variants of the hand-written peer.</summary>
internal sealed record FloorOptions
{
    /// <summary>Whether messages carry all properties that RpcGen sends, instead of the two that RPC needs.</summary>
    public bool SendsAllProperties { get; init; }

    /// <summary>Whether the server acknowledges each request after its reply. Otherwise the broker acknowledges automatically.</summary>
    public bool AcksEach { get; init; }

    /// <summary>With <see cref="AcksEach"/>: how many replies share an acknowledgement. A timer acknowledges the last ones.</summary>
    public int AcksTogether { get; init; } = 1;

    /// <summary>
    /// Whether callers continue on the connection's dispatcher thread. A library cannot allow this, because one blocked caller
    /// would block all others.
    /// </summary>
    public bool RunsCallersInline { get; init; }

    /// <summary>Whether requests go to the client's own consumer: half a call, for comparison.</summary>
    public bool IsOneWay { get; init; }
}
