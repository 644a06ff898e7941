using RpcGen.Runtime;

namespace RpcGen.Connections;

/// <summary>
/// How long to wait before the next attempt: from 100 ms, doubled at each failure up to 3 s, of which a random half is
/// left out, so that many clients of one broker do not come back in step.
/// </summary>
internal sealed class Backoff(IRandomSource random)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(3);
    private TimeSpan _next = First;

    public static TimeSpan First => TimeSpan.FromMilliseconds(100);

    public TimeSpan Next()
    {
        TimeSpan delay = _next;
        _next = delay * 2 < Longest ? delay * 2 : Longest;
        double kept = 0.5 + (random.NextBits() >> 11) * (0.5 / (1UL << 53));
        return delay * kept;
    }

    public void Reset() => _next = First;
}
