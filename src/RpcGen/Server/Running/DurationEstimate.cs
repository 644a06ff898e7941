namespace RpcGen.Server.Running;

/// <summary>The 95th percentile of a method's latest run times. Adding one is cheap, since every call does. Thread-safe.</summary>
internal sealed class DurationEstimate
{
    private const int Samples = 128;
    private const int UpdateEach = 8;

    private readonly long[] _latest = new long[Samples];
    private readonly long[] _sorted = new long[Samples];
    private readonly Lock _gate = new();
    private long _count;
    private long _sortedCount;
    private long _p95;

    /// <summary>The percentile, in ticks of the clock; 0 before the first call has ended. Computed again after some calls.</summary>
    public long P95
    {
        get
        {
            long count = Volatile.Read(ref _count);
            lock (_gate)
            {
                if (count - _sortedCount >= UpdateEach || (count <= UpdateEach && count > _sortedCount))
                {
                    _sortedCount = count;
                    _p95 = Compute((int)Math.Min(count, Samples));
                }

                return _p95;
            }
        }
    }

    /// <summary>Adds the run time of a call that has ended, in ticks of the clock.</summary>
    public void Add(long duration) => Volatile.Write(ref _latest[(Interlocked.Increment(ref _count) - 1) % Samples], duration);

    private long Compute(int known)
    {
        for (int i = 0; i < known; i++)
        {
            _sorted[i] = Volatile.Read(ref _latest[i]);
        }

        Array.Sort(_sorted, 0, known);
        return _sorted[(int)(0.95 * (known - 1))];
    }
}
