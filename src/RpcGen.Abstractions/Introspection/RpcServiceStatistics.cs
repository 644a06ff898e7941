namespace RpcGen;

/// <summary>
/// What an instance has done since it started, and what it does now: see <c>RpcConnection.GetStatisticsAsync</c>. Immutable. The numbers
/// are read one after the other, so a call that ends meanwhile can be missing or counted twice.
/// </summary>
public sealed class RpcServiceStatistics
{
    /// <summary>The instance, and what it serves.</summary>
    public RpcServiceInstance Service { get; init; } = new();

    /// <summary>How many calls the instance runs at a time at most.</summary>
    public int Places { get; init; }

    /// <summary>How many places are taken now.</summary>
    public int Running { get; init; }

    /// <summary>How many calls the instance has received that wait for a place. Those that wait in the queue are not counted.</summary>
    public int Waiting { get; init; }

    /// <summary>Refused requests that named no method of the contract.</summary>
    public long Refused { get; init; }

    /// <summary>The methods, in the order of the contract.</summary>
    public IReadOnlyList<RpcMethodStatistics> Methods { get; init; } = [];
}
