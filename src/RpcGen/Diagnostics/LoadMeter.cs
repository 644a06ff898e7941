using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace RpcGen.Diagnostics;

/// <summary>
/// Two up-down counters: active and queued calls. They are counted on collection: a call costs nothing, and calls that
/// began before the listener are counted as well. Thread-safe.
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

    /// <summary>One measurement for each name: several connections can have the same broker.</summary>
    private IEnumerable<Measurement<int>> Measure(Func<(int Active, int Queued), int> select) => _loads.Keys
        .GroupBy(load => load.LoadName, StringComparer.Ordinal)
        .Select(group => new Measurement<int>(group.Sum(load => select(load.CountCalls())), new KeyValuePair<string, object?>(_tag, group.Key)));
}

/// <summary>A source of active and queued calls.</summary>
internal interface ICallLoad
{
    /// <summary>The value of the counters' attribute.</summary>
    string LoadName { get; }

    /// <summary>The numbers of active and queued calls. Thread-safe.</summary>
    (int Active, int Queued) CountCalls();
}
