using RpcGen.Simulation.Scheduling;

namespace RpcGen.Simulation.Preempting;

/// <summary>
/// Decides at which points fibers are preempted. Half of the schedules preempt at random, often or rarely. The other half
/// follows PCT (Burckhardt et al., 2010): the fiber of the highest rank runs, and at a few points, up to three, the running one gets
/// the lowest rank. PCT finds a bug that needs d such points with a probability that does not shrink with each thread that is added.
/// </summary>
internal sealed class SeededPreemption : IPreemptionPolicy
{
    private const int MostChanges = 3;

    private readonly SimRandom _random;
    private readonly int _meanDistance;
    private readonly Queue<long> _changes = [];
    private long _point;
    private long _next;

    public SeededPreemption(SimRandom random)
    {
        _random = random;
        GoesByRank = random.Percent(50);
        if (GoesByRank)
        {
            int length = random.Pick(500, 5_000, 50_000);
            int changes = random.Between(1, MostChanges);
            foreach (long change in Enumerable.Range(0, changes).Select(_ => 1L + random.Below(length)).Order())
            {
                _changes.Enqueue(change);
            }
        }
        else
        {
            _meanDistance = random.Pick(3, 10, 30, 100, 300, 1_000);
            _next = NextDistance();
        }
    }

    /// <inheritdoc/>
    public bool GoesByRank { get; }

    /// <inheritdoc/>
    public bool IsDue(out uint? rank)
    {
        _point++;
        rank = null;
        if (GoesByRank)
        {
            bool isChange = false;
            while (_changes.TryPeek(out long change) && change <= _point)
            {
                _changes.Dequeue();
                rank = (uint)_changes.Count;
                isChange = true;
            }

            return isChange;
        }

        if (_point < _next)
        {
            return false;
        }

        _next = _point + NextDistance();
        return true;
    }

    private int NextDistance() => 1 + _random.Below(2 * _meanDistance);
}
