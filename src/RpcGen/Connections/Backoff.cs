using RpcGen.Runtime;

namespace RpcGen.Connections;

/// <summary>
/// Delays between attempts: 100 ms at first, doubled after each attempt up to 3 s. A random part of up to one half is
/// subtracted, so that the clients of one broker do not reconnect at the same moment. Not thread-safe.
/// </summary>
internal sealed class Backoff(IRandomSource random)
{
    /// <summary>The longest delay before the first retry.</summary>
    public static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(3);

    private TimeSpan _next = First;

    /// <summary>The next delay.</summary>
    public TimeSpan Next()
    {
        TimeSpan delay = _next;
        TimeSpan doubled = delay * 2;
        _next = doubled < Longest ? doubled : Longest;
        return delay * (0.5 + 0.5 * NextFraction());
    }

    /// <summary>Starts again with the first delay.</summary>
    public void Reset() => _next = First;

    /// <summary>A random number from 0 up to, but not including, 1: the upper 53 bits, as many as a double holds.</summary>
    private double NextFraction()
    {
        const int mantissaBits = 53;
        return (random.NextBits() >> (64 - mantissaBits)) / (double)(1UL << mantissaBits);
    }
}
