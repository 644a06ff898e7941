using RpcGen.Runtime;

namespace RpcGen.Client.Calls;

/// <summary>
/// Refuses calls to a queue whose servers refuse most of them. Otherwise the servers would spend all their time on refusing. The
/// probability is max(0, (sent - 2 answered) / (sent + 1)) over ten seconds. Without an <c>overloaded</c> fault in this time, nothing is refused:
/// a service that is down is waited for. Thread-safe.
/// </summary>
/// <remarks>
/// Counting an outcome takes neither a lock nor a clock: seconds advance when calls start, and an outcome counts for the second of
/// the latest start.
/// </remarks>
/// <param name="time">The clock.</param>
internal sealed class QueueThrottle(TimeProvider time)
{
    /// <summary>How many seconds count.</summary>
    public const int Seconds = 10;

    private readonly long _frequency = time.TimestampFrequency;
    private readonly Lock _gate = new();
    private readonly Counts[] _seconds = new Counts[Seconds];
    private long _overloadedAt = long.MinValue;
    private long _current = time.GetTimestamp() / time.TimestampFrequency;

    /// <summary>The retry delay that a server requested last.</summary>
    public TimeSpan RetryAfter { get; private set; }

    /// <summary>Notes the outcome of a call: null for a result.</summary>
    public void Note(Exception? outcome)
    {
        ref Counts second = ref _seconds[Volatile.Read(ref _current) % Seconds];
        switch (outcome)
        {
            case null:
                Interlocked.Increment(ref second.Answered);
                break;
            case OperationCanceledException or RpcConnectionException:
            case RpcUnavailableException { Reason: RpcUnavailableReason.QueueFull or RpcUnavailableReason.QueueUnreachable }:
                break; // says nothing about the servers' load
            case RpcUnavailableException { RetryAfter: { } pause }:
                Interlocked.Increment(ref second.Unanswered);
                RetryAfter = pause;
                Volatile.Write(ref _overloadedAt, time.GetTimestamp());
                break;
            case RpcTimeoutException { Execution: RpcExecution.Unknown }:
                Interlocked.Increment(ref second.Unanswered);
                break;
            default:
                Interlocked.Increment(ref second.Answered);
                break;
        }
    }

    /// <summary>Whether to refuse a call.</summary>
    /// <param name="now">When the call starts, as a timestamp of the clock.</param>
    /// <param name="random">Decides. Not asked while nothing is refused.</param>
    public bool Refuses(long now, IRandomSource random)
    {
        if (now >= (Volatile.Read(ref _current) + 1) * _frequency)
        {
            AdvanceTo(now / _frequency);
        }

        long overloadedAt = Volatile.Read(ref _overloadedAt);
        if (overloadedAt == long.MinValue || now - overloadedAt >= Seconds * _frequency)
        {
            return false;
        }

        double probability = GetProbability();
        bool refuses = probability > 0 && random.NextBits() / (double)ulong.MaxValue < probability;
        if (refuses)
        {
            Interlocked.Increment(ref _seconds[Volatile.Read(ref _current) % Seconds].Unanswered);
        }

        return refuses;
    }

    private double GetProbability()
    {
        long answered = 0, unanswered = 0;
        for (int i = 0; i < Seconds; i++)
        {
            answered += Volatile.Read(ref _seconds[i].Answered);
            unanswered += Volatile.Read(ref _seconds[i].Unanswered);
        }

        return (unanswered - answered) / (answered + unanswered + 1.0);
    }

    /// <summary>Begins a second, and removes those older than ten.</summary>
    private void AdvanceTo(long second)
    {
        lock (_gate)
        {
            for (long next = Math.Max(_current + 1, second - Seconds + 1); next <= second; next++)
            {
                _seconds[next % Seconds] = default;
            }

            Volatile.Write(ref _current, Math.Max(_current, second));
        }
    }

    private struct Counts
    {
        public long Answered;

        /// <summary>Calls that servers or this class refused, and calls that may still be in the queue.</summary>
        public long Unanswered;
    }
}
