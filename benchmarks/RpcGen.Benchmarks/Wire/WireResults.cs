using RpcGen.Benchmarks.Peers;

namespace RpcGen.Benchmarks.Wire;

/// <summary>All measurements of a run, with statistics over its rounds.</summary>
internal sealed class WireResults
{
    private readonly Dictionary<(Scene, string Peer), SortedList<int, Measurement>> _measurements = [];

    public void Add(Scene scene, IPeer peer, int round, Measurement measurement)
    {
        if (!_measurements.TryGetValue((scene, peer.Name), out SortedList<int, Measurement>? rounds))
        {
            _measurements[(scene, peer.Name)] = rounds = [];
        }

        rounds[round] = measurement;
    }

    /// <summary>A value of a peer over the rounds; null if it was not measured.</summary>
    public Spread? Get(Scene scene, string peer, Func<Measurement, double> figure) =>
        _measurements.TryGetValue((scene, peer), out SortedList<int, Measurement>? rounds) ? Spread.Of(rounds.Values.Select(figure)) : null;

    /// <summary>A peer compared with another, pair by pair within the same round; null if there is no pair.</summary>
    public Spread? Compare(Scene scene, string peer, string other, Func<Measurement, Measurement, double> comparison)
    {
        if (!_measurements.TryGetValue((scene, peer), out SortedList<int, Measurement>? ours) ||
            !_measurements.TryGetValue((scene, other), out SortedList<int, Measurement>? theirs))
        {
            return null;
        }

        double[] pairs = [.. ours.Where(round => theirs.ContainsKey(round.Key)).Select(round => comparison(round.Value, theirs[round.Key]))];
        return pairs.Length == 0 ? null : Spread.Of(pairs);
    }

    /// <summary>The peer's value divided by the other peer's value.</summary>
    public Spread? Ratio(Scene scene, string peer, string other, Func<Measurement, double> figure) =>
        Compare(scene, peer, other, (ours, theirs) => figure(ours) / figure(theirs));
}

/// <summary>A median, with the lowest and the highest value.</summary>
internal readonly record struct Spread(double Median, double Least, double Greatest)
{
    public static Spread Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        double median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[^1]);
    }

    public override string ToString() => $"{Figure.Text(Median)} ({Figure.Text(Least)}–{Figure.Text(Greatest)})";
}

/// <summary>Formats numbers with three significant digits.</summary>
internal static class Figure
{
    public static string Text(double value) => Math.Abs(value) switch
    {
        >= 99_950 => $"{value / 1000:0}k",
        >= 9_995 => $"{value / 1000:0.0}k",
        >= 100 => $"{value:0}",
        >= 10 => $"{value:0.0}",
        _ => $"{value:0.00}",
    };
}
