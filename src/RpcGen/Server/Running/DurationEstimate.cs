namespace RpcGen.Server.Running;

/// <summary>The 95th percentile of a method's latest run times. Thread-safe.</summary>
internal sealed class DurationEstimate
{
    private const int Samples = 128;
    private const int UpdateEach = 8;

    private readonly long[] _latest = new long[Samples];
    private readonly long[] _sorted = new long[Samples];
    private readonly Lock _gate = new();
    private int _count;
    private long _p95;

    /// <summary>The percentile, in ticks of the clock; 0 before the first call has ended.</summary>
    public long P95 => Volatile.Read(ref _p95);

    /// <summary>Adds the run time of a call that has ended, in ticks of the clock.</summary>
    public void Add(long duration)
    {
        lock (_gate)
        {
            _latest[_count % Samples] = duration;
            _count = _count == int.MaxValue ? Samples : _count + 1;
            if (_count > UpdateEach && _count % UpdateEach != 0)
            {
                return;
            }

            int known = Math.Min(_count, Samples);
            Array.Copy(_latest, _sorted, known);
            Array.Sort(_sorted, 0, known);
            Volatile.Write(ref _p95, _sorted[(int)(0.95 * (known - 1))]);
        }
    }
}
