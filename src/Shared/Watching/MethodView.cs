using System.Globalization;

namespace RpcGen.Watching;

/// <summary>What the instances of a service say about one method.</summary>
internal sealed class MethodView(string name)
{
    private double? _calls;
    private double? _faults;

    public string Name { get; } = name;

    /// <summary>The calls since the instances started.</summary>
    public CallTotals Total { get; } = new();

    /// <summary>The calls since the last answers.</summary>
    public CallTotals Latest { get; } = new();

    /// <summary>Calls in a second; null before two answers of one instance.</summary>
    public double? CallsPerSecond => _calls;

    /// <summary>Failed calls in a second; null before two answers of one instance.</summary>
    public double? FaultsPerSecond => _faults;

    /// <summary>Adds what an instance says.</summary>
    public void Add(RpcMethodStatistics now, RpcMethodStatistics? before, TimeSpan? elapsed)
    {
        Total.Add(now);
        if (before is null || elapsed is not { TotalSeconds: > 0 and var seconds })
        {
            return;
        }

        var increase = new CallTotals();
        increase.Add(now, before);
        Latest.Add(increase);
        _calls = (_calls ?? 0) + (increase.Calls / seconds);
        _faults = (_faults ?? 0) + (increase.Faulted / seconds);
    }

    /// <summary>Adds another method.</summary>
    public void Add(MethodView other)
    {
        Total.Add(other.Total);
        Latest.Add(other.Latest);
        _calls = other._calls is null ? _calls : (_calls ?? 0) + other._calls;
        _faults = other._faults is null ? _faults : (_faults ?? 0) + other._faults;
    }

    /// <summary>A rate with as many digits as are of use.</summary>
    public static string Text(double? rate) => rate switch
    {
        null => "-",
        0 => "0",
        < 10 => rate.Value.ToString("0.0", CultureInfo.InvariantCulture),
        _ => rate.Value.ToString("0", CultureInfo.InvariantCulture),
    };
}
