namespace RpcGen.Simulation.Preempting;

/// <summary>Decides at which points fibers are preempted.</summary>
internal interface IPreemptionPolicy
{
    /// <summary>Whether the fiber with the highest rank runs.</summary>
    bool GoesByRank { get; }

    /// <summary>Whether the fiber that has come to a point is preempted, and the rank that it gets; null for the one that it has.</summary>
    bool IsDue(out uint? rank);
}

/// <summary>Preempts at each point.</summary>
internal sealed class EachPoint : IPreemptionPolicy
{
    public bool GoesByRank => false;

    public bool IsDue(out uint? rank)
    {
        rank = null;
        return true;
    }
}
