using System.Diagnostics;
using System.Numerics;

namespace RpcGen.Benchmarks.Wire;

/// <summary>Counts latencies in buckets that are 0.4 % wide. Thread-safe.</summary>
internal sealed class LatencyHistogram
{
    private const int SubBits = 8;
    private readonly int[] _counts = new int[(64 - SubBits) << SubBits];
    private long _count;

    public long Count => Interlocked.Read(ref _count);

    /// <param name="ticks">Ticks of <see cref="Stopwatch"/>.</param>
    public void Record(long ticks)
    {
        Interlocked.Increment(ref _counts[Bucket(ticks)]);
        Interlocked.Increment(ref _count);
    }

    /// <summary>The latency that a share of calls stays below, in microseconds.</summary>
    public double Percentile(double share)
    {
        long rank = (long)Math.Ceiling(share * Count);
        long seen = 0;
        for (int bucket = 0; bucket < _counts.Length; bucket++)
        {
            seen += _counts[bucket];
            if (seen >= rank && seen > 0)
            {
                return Value(bucket) * 1e6 / Stopwatch.Frequency;
            }
        }

        return 0;
    }

    private static int Bucket(long ticks)
    {
        int shift = Math.Max(0, BitOperations.Log2((ulong)Math.Max(ticks, 1)) - SubBits);
        return (shift << SubBits) + (int)(ticks >> shift);
    }

    private static double Value(int bucket)
    {
        int shift = Math.Max(0, (bucket >> SubBits) - 1);
        long low = (long)(bucket - (shift << SubBits)) << shift;
        return low + ((1L << shift) / 2.0);
    }
}
