using RpcGen.Runtime;

namespace RpcGen.Client.Calls;

/// <summary>
/// Refuses calls to a queue whose servers refuse most of them, so that refusing does not take all of their time. The probability is
/// max(0, (sent - 2 answered) / (sent + 1)) over ten seconds. Without an <c>overloaded</c> fault in this time, nothing is refused:
/// a service that is down is waited for. Thread-safe.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class QueueThrottle(TimeProvider time)
{
    /// <summary>How many seconds count.</summary>
    public const int Seconds = 10;

    private readonly Lock _gate = new();
    private readonly Counts[] _seconds = new Counts[Seconds];
    private long _overloadedAt = long.MinValue;
    private long _current;
    private bool _isUsed;

    /// <summary>What servers asked for last.</summary>
    public TimeSpan RetryAfter { get; private set; }

    /// <summary>Notes the outcome of a call: null for a result.</summary>
    public void Note(Exception? outcome)
    {
        if (outcome is OperationCanceledException or RpcConnectionException or RpcUnavailableException { Reason: RpcUnavailableReason.QueueFull or RpcUnavailableReason.QueueUnreachable })
        {
            return; // says nothing about the servers' load
        }

        lock (_gate)
        {
            ref Counts second = ref CurrentSecond();
            second.Sent++;
            switch (outcome)
            {
                case RpcUnavailableException { RetryAfter: { } pause }:
                    second.Overloaded++;
                    Volatile.Write(ref _overloadedAt, time.GetTimestamp());
                    RetryAfter = pause;
                    break;
                case RpcTimeoutException { Execution: RpcExecution.Unknown }:
                    break;
                default:
                    second.Answered++;
                    break;
            }
        }
    }

    /// <summary>Whether to refuse a call.</summary>
    /// <param name="random">Decides. Not asked while nothing is refused.</param>
    public bool Refuses(IRandomSource random)
    {
        long last = Volatile.Read(ref _overloadedAt);
        if (last == long.MinValue || time.GetElapsedTime(last).TotalSeconds >= Seconds)
        {
            return false;
        }

        lock (_gate)
        {
            ref Counts second = ref CurrentSecond();
            Counts sum = default;
            foreach (Counts counts in _seconds)
            {
                sum.Sent += counts.Sent;
                sum.Answered += counts.Answered;
                sum.Overloaded += counts.Overloaded;
            }

            double probability = sum.Overloaded == 0 ? 0 : (sum.Sent - (2.0 * sum.Answered)) / (sum.Sent + 1);
            bool refuses = probability > 0 && random.NextBits() / (double)ulong.MaxValue < probability;
            second.Sent += refuses ? 1 : 0;
            return refuses;
        }
    }

    private ref Counts CurrentSecond()
    {
        long now = time.GetTimestamp() / time.TimestampFrequency;
        long first = _isUsed ? Math.Max(_current + 1, now - Seconds + 1) : now;
        for (long second = first; second <= now; second++)
        {
            _seconds[second % Seconds] = default;
        }

        _isUsed = true;
        _current = Math.Max(_current, now);
        return ref _seconds[_current % Seconds];
    }

    private struct Counts
    {
        public long Sent;
        public long Answered;
        public long Overloaded;
    }
}
