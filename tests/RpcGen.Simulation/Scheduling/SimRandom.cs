using RpcGen.Runtime;

namespace RpcGen.Simulation.Scheduling;

/// <summary>Random numbers from a seed (SplitMix64), the same on every machine and version of .NET.</summary>
internal sealed class SimRandom(ulong seed) : IRandomSource
{
    private ulong _state = seed;

    /// <inheritdoc/>
    public ulong NextBits()
    {
        ulong bits = _state += 0x9E3779B97F4A7C15;
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        return bits ^ (bits >> 31);
    }

    /// <summary>A number from 0 to less than <paramref name="limit"/>.</summary>
    public int Below(int limit) => (int)(((NextBits() >> 32) * (ulong)limit) >> 32);

    /// <summary>A number between two, both included.</summary>
    public int Between(int least, int most) => least + Below(most - least + 1);

    /// <summary>True with a probability in percent.</summary>
    public bool Percent(int probability) => Below(100) < probability;

    /// <summary>One of several values.</summary>
    public T Pick<T>(params ReadOnlySpan<T> values) => values[Below(values.Length)];

    /// <summary>Time of up to so many milliseconds, to the microsecond.</summary>
    public TimeSpan UpTo(double milliseconds) => TimeSpan.FromTicks((long)(milliseconds * TimeSpan.TicksPerMillisecond * (NextBits() >> 11) / (1UL << 53)));

    /// <summary>Random numbers of their own for a part, so that other parts can change without changing this one.</summary>
    public SimRandom Fork() => new(NextBits());
}
