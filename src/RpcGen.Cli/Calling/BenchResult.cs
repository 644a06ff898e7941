using System.Globalization;
using System.Text.Json;

namespace RpcGen.Cli.Calling;

/// <summary>What a run of many calls gave.</summary>
/// <param name="Elapsed">How long the run took.</param>
/// <param name="Durations">The duration of each call that was answered, in ascending order.</param>
/// <param name="Failures">How many calls failed, by reason.</param>
internal sealed record BenchResult(TimeSpan Elapsed, TimeSpan[] Durations, IReadOnlyDictionary<string, int> Failures)
{
    private static readonly double[] Shares = [0.5, 0.9, 0.99, 0.999];

    private double PerSecond => Durations.Length / Math.Max(Elapsed.TotalSeconds, 1e-9);

    /// <summary>The duration that a share of the calls did not exceed.</summary>
    public TimeSpan Percentile(double share) => Durations.Length == 0 ? default : Durations[Math.Max(0, (int)Math.Ceiling(share * Durations.Length) - 1)];

    /// <summary>Writes the result for people.</summary>
    public void Write(TextWriter output)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Durations.Length} calls answered in {Elapsed.TotalSeconds:0.00} s: {PerSecond:0} calls/s"));
        if (Durations.Length > 0)
        {
            output.WriteLine($"{string.Join("  ", Shares.Select(share => $"p{Name(share)} {Milliseconds(Percentile(share))}"))}  max {Milliseconds(Durations[^1])}");
        }

        foreach ((string reason, int count) in Failures.OrderByDescending(failure => failure.Value))
        {
            output.WriteLine(OneLine.Of($"{count} failed: {reason}"));
        }
    }

    /// <summary>Writes the result for programs.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("answered", Durations.Length);
        writer.WriteNumber("seconds", Elapsed.TotalSeconds);
        writer.WriteNumber("callsPerSecond", PerSecond);
        writer.WriteStartObject("milliseconds");
        foreach (double share in Shares)
        {
            writer.WriteNumber("p" + Name(share), Percentile(share).TotalMilliseconds);
        }

        writer.WriteNumber("max", Percentile(1).TotalMilliseconds);
        writer.WriteEndObject();
        writer.WriteStartObject("failures");
        foreach ((string reason, int count) in Failures)
        {
            writer.WriteNumber(reason, count);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static string Name(double share) => (share * 100).ToString("0.#", CultureInfo.InvariantCulture);

    private static string Milliseconds(TimeSpan duration) => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMilliseconds:0.##} ms");
}
