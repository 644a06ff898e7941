using System.Numerics;
using System.Text.Json;

namespace RpcGen.Server.Running;

/// <summary>
/// Counts the calls of one method by outcome and by run time. A call that succeeds costs two additions: one when it comes, and one to
/// the run times, which are also the sum of all calls that ran. Thread-safe, without a lock.
/// </summary>
internal sealed class MethodCounters
{
    /// <summary>How many ranges of run times are counted. The first one ends at 0.25 ms, and each further one at twice the end of the one before.</summary>
    public const int Ranges = 24;

    private const int FirstRangesInASecond = 4000;

    private readonly long[] _durations = new long[Ranges];
    private long _entered;
    private long _faulted;
    private long _cancelled;
    private long _refused;

    /// <summary>A request is being handled.</summary>
    public void Enter() => Interlocked.Increment(ref _entered);

    /// <summary>A request has its outcome.</summary>
    /// <param name="outcome">The outcome.</param>
    /// <param name="duration">How long the method ran, in ticks of the clock; null if it did not run.</param>
    /// <param name="frequency">The ticks of the clock in a second.</param>
    public void Leave(CallOutcome outcome, long? duration, long frequency)
    {
        if (duration is { } ticks)
        {
            CountRun(outcome, ticks, frequency);
        }
        else if (outcome is CallOutcome.Opened or CallOutcome.SentBack or CallOutcome.Replied)
        {
            Interlocked.Decrement(ref _entered); // no call: a batch, a request for another server, a question about the server
        }
        else
        {
            Interlocked.Increment(ref _refused);
        }
    }

    /// <summary>How many requests did not run.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <summary>Writes the counts as members of an object.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        long refused = Refused;
        long cancelled = Volatile.Read(ref _cancelled);
        long faulted = Volatile.Read(ref _faulted);
        Span<long> durations = stackalloc long[Ranges];
        long ran = 0;
        for (int i = 0; i < Ranges; i++)
        {
            durations[i] = Volatile.Read(ref _durations[i]);
            ran += durations[i];
        }

        writer.WriteNumber("inFlight", Math.Max(0, Volatile.Read(ref _entered) - ran - refused));
        writer.WriteNumber("answered", Math.Max(0, ran - faulted - cancelled));
        writer.WriteNumber("faulted", faulted);
        writer.WriteNumber("cancelled", cancelled);
        writer.WriteNumber("refused", refused);
        WriteDurations(writer, durations.TrimEnd(0));
    }

    private void CountRun(CallOutcome outcome, long ticks, long frequency)
    {
        Interlocked.Increment(ref _durations[RangeOf(ticks, frequency)]);
        if (outcome == CallOutcome.Dropped)
        {
            Interlocked.Increment(ref _cancelled);
        }
        else if (outcome is not (CallOutcome.Replied or CallOutcome.Completed))
        {
            Interlocked.Increment(ref _faulted);
        }
    }

    private static int RangeOf(long ticks, long frequency)
    {
        long firstRanges = ticks / Math.Max(1, frequency / FirstRangesInASecond);
        return firstRanges <= 0 ? 0 : Math.Min(BitOperations.Log2((ulong)firstRanges) + 1, Ranges - 1);
    }

    private static void WriteDurations(Utf8JsonWriter writer, ReadOnlySpan<long> durations)
    {
        writer.WriteStartArray("durations");
        foreach (long count in durations)
        {
            writer.WriteNumberValue(count);
        }

        writer.WriteEndArray();
    }
}
