using System.Globalization;

namespace RpcGen.Simulation.Scheduling;

/// <summary>
/// What happened in a schedule, in order, as a running hash: two runs of a seed must agree in it. Keeps the lines as well
/// where somebody wants to read them.
/// </summary>
internal sealed class History(VirtualTime time, bool keepsLines)
{
    private const ulong Prime = 0x100000001B3;
    private static readonly Dictionary<Type, ulong> TypeHashes = [];

    private readonly List<string> _lines = [];
    private readonly long _start = time.Now;

    /// <summary>The hash of everything so far.</summary>
    public ulong Hash { get; private set; } = 0xCBF29CE484222325;

    /// <summary>Events and log lines; empty unless they are kept.</summary>
    public IReadOnlyList<string> Lines => _lines;

    /// <summary>Whether lines are kept.</summary>
    public bool KeepsLines => keepsLines;

    /// <summary>A work item is about to run.</summary>
    public void OnStep(object item, int others, long now)
    {
        Type type = item.GetType();
        if (!TypeHashes.TryGetValue(type, out ulong hash))
        {
            TypeHashes[type] = hash = HashOf(type.Name);
        }

        Mix(hash);
        Mix(((ulong)now << 16) ^ (uint)others);
    }

    /// <summary>Something happened that the checks are about.</summary>
    public void Add(string kind, long subject, long detail = 0, string? text = null)
    {
        Mix(HashOf(kind));
        Mix(((ulong)subject << 32) ^ (ulong)detail);
        Mix((ulong)time.Now);
        if (text is not null)
        {
            Mix(HashOf(text));
        }

        if (keepsLines)
        {
            Tell(string.Create(CultureInfo.InvariantCulture, $"{kind} {subject}{(detail == 0 ? "" : " " + detail.ToString(CultureInfo.InvariantCulture))} {text}"));
        }
    }

    /// <summary>Adds a line that is only to be read.</summary>
    public void Tell(string line)
    {
        if (keepsLines)
        {
            _lines.Add(string.Create(CultureInfo.InvariantCulture, $"{(time.Now - _start) / (double)TimeSpan.TicksPerSecond,12:0.000000}  {line}"));
        }
    }

    private static ulong HashOf(string text)
    {
        ulong hash = 0xCBF29CE484222325;
        foreach (char character in text)
        {
            hash = (hash ^ character) * Prime;
        }

        return hash;
    }

    private void Mix(ulong value)
    {
        Hash = (Hash ^ value) * Prime;
        Hash ^= Hash >> 29;
    }
}
