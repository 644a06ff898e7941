using System.Globalization;

namespace RpcGen.Watching;

/// <summary>The calls of some instances or methods together. Numbers of peers can be anything: sums that overflow count as 0.</summary>
internal sealed class CallTotals
{
    private const int Ranges = 24;
    private const double FirstRangeMilliseconds = 0.25;

    private readonly long[] _durations = new long[Ranges];

    /// <summary>Calls that succeeded.</summary>
    public long Answered { get; private set; }

    /// <summary>Calls that failed.</summary>
    public long Faulted { get; private set; }

    /// <summary>Calls that were given up.</summary>
    public long Cancelled { get; private set; }

    /// <summary>Requests that did not run.</summary>
    public long Refused { get; private set; }

    /// <summary>Calls that run now.</summary>
    public long InFlight { get; private set; }

    /// <summary>Calls that ran with any outcome.</summary>
    public long Calls => Sum(Sum(Answered, Faulted), Cancelled);

    /// <summary>The run times, as <see cref="RpcMethodStatistics.Durations"/> counts them.</summary>
    public IReadOnlyList<long> Durations => _durations;

    /// <summary>Adds what a method has done since another answer of the same instance; since its start if there was none.</summary>
    public void Add(RpcMethodStatistics now, RpcMethodStatistics? before = null)
    {
        Answered = Sum(Answered, Increase(now.Answered, before?.Answered));
        Faulted = Sum(Faulted, Increase(now.Faulted, before?.Faulted));
        Cancelled = Sum(Cancelled, Increase(now.Cancelled, before?.Cancelled));
        Refused = Sum(Refused, Increase(now.Refused, before?.Refused));
        InFlight = Sum(InFlight, now.InFlight);
        for (int i = 0; i < Math.Min(Ranges, now.Durations.Count); i++)
        {
            _durations[i] = Sum(_durations[i], Increase(now.Durations[i], i < before?.Durations.Count ? before.Durations[i] : 0));
        }
    }

    /// <summary>Adds other totals.</summary>
    public void Add(CallTotals other)
    {
        Answered = Sum(Answered, other.Answered);
        Faulted = Sum(Faulted, other.Faulted);
        Cancelled = Sum(Cancelled, other.Cancelled);
        Refused = Sum(Refused, other.Refused);
        InFlight = Sum(InFlight, other.InFlight);
        for (int i = 0; i < Ranges; i++)
        {
            _durations[i] = Sum(_durations[i], other._durations[i]);
        }
    }

    /// <summary>The range in which a share of the calls ended, as its upper end in milliseconds; <c>-</c> without calls.</summary>
    /// <param name="share">The share, such as 0.99.</param>
    public string Percentile(double share)
    {
        double all = _durations.Sum(static count => (double)count);
        double seen = 0;
        for (int i = 0; i < Ranges && all > 0; i++)
        {
            seen += _durations[i];
            if (seen >= share * all)
            {
                bool isLast = i == Ranges - 1;
                double end = FirstRangeMilliseconds * Math.Pow(2, isLast ? i - 1 : i);
                return $"{(isLast ? ">" : "<")}{end.ToString(CultureInfo.InvariantCulture)}";
            }
        }

        return "-";
    }

    private static long Increase(long now, long? before) => Math.Max(0, now - (before ?? 0));

    private static long Sum(long left, long right) => Math.Max(0, left + right);
}
