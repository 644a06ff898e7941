using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace RpcGen.Diagnostics;

/// <summary>
/// Two up-down counters, of calls in hand and of those that queue. They are counted when somebody collects, so
/// that a call costs nothing, and one that began before the listener did is counted too.
/// </summary>
internal sealed class LoadMeter
{
    private readonly ConcurrentDictionary<ICallLoad, bool> _loads = new();
    private readonly string _tag;

    public LoadMeter(Meter meter, string tag, (string Name, string Description) active, (string Name, string Description) queued)
    {
        _tag = tag;
        meter.CreateObservableUpDownCounter(active.Name, () => Measure(static load => load.Active), "{call}", active.Description);
        meter.CreateObservableUpDownCounter(queued.Name, () => Measure(static load => load.Queued), "{call}", queued.Description);
    }

    public void Add(ICallLoad load) => _loads.TryAdd(load, true);

    public void Remove(ICallLoad load) => _loads.TryRemove(load, out _);

    /// <summary>One measurement a name: several connections may go to the same broker.</summary>
    private IEnumerable<Measurement<int>> Measure(Func<(int Active, int Queued), int> select) => _loads.Keys
        .GroupBy(load => load.LoadName, StringComparer.Ordinal)
        .Select(group => new Measurement<int>(group.Sum(load => select(load.CountCalls())), new KeyValuePair<string, object?>(_tag, group.Key)));
}

/// <summary>Something that has calls in hand.</summary>
internal interface ICallLoad
{
    /// <summary>What it is shown as.</summary>
    string LoadName { get; }

    /// <summary>How many calls it has in hand, and how many queue. Thread-safe.</summary>
    (int Active, int Queued) CountCalls();
}
