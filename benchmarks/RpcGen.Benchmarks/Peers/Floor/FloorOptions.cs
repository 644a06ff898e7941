namespace RpcGen.Benchmarks.Peers.Floor;

/// <summary>Variants of the hand-written loop.</summary>
internal sealed record FloorOptions
{
    /// <summary>Whether messages carry every property that RpcGen sends, rather than the two without which there is no RPC.</summary>
    public bool SendsAllProperties { get; init; }

    /// <summary>Whether the server acknowledges each request after its reply; else the broker takes it as acknowledged.</summary>
    public bool AcksEach { get; init; }

    /// <summary>With <see cref="AcksEach"/>: how many replies share an acknowledgement; the last ones wait for a timer.</summary>
    public int AcksTogether { get; init; } = 1;

    /// <summary>
    /// Whether a caller goes on right on the connection's dispatcher, as no library may let it: a caller that blocks would
    /// block all.
    /// </summary>
    public bool RunsCallersInline { get; init; }

    /// <summary>Whether requests go straight to the client's own consumer: half a call, to compare with.</summary>
    public bool IsOneWay { get; init; }
}
