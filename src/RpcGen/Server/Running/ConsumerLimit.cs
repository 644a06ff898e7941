using RpcGen.Runtime;
using RpcGen.Transport;

namespace RpcGen.Server.Running;

/// <summary>
/// How long the broker lets a server hold a request without acknowledging it (<c>consumer_timeout</c>). After that it closes the
/// channel and gives every request of the channel to a server again. One object serves all links of a server. Thread-safe.
/// </summary>
/// <param name="configured">The limit, until the broker names another; can be infinite.</param>
/// <param name="time">The clock.</param>
internal sealed class ConsumerLimit(TimeSpan configured, TimeProvider time)
{
    /// <summary>The part of the limit after which calls are given up. The rest is for the fault and the acknowledgement.</summary>
    private const double UsablePart = 0.8;

    private long _ticks = configured.Ticks;

    /// <summary>The limit.</summary>
    public TimeSpan Current => TimeSpan.FromTicks(Volatile.Read(ref _ticks));

    /// <summary>How long a request can be held; infinite without a limit.</summary>
    public TimeSpan LongestHold => Current == Timeout.InfiniteTimeSpan ? Timeout.InfiniteTimeSpan : UsablePart * Current;

    /// <summary>When a request must be given up, as a timestamp of the clock; <see cref="long.MaxValue"/> for never.</summary>
    public long EndOfHold(long receivedAt) =>
        LongestHold is var hold && hold == Timeout.InfiniteTimeSpan ? long.MaxValue : receivedAt + (long)(hold.TotalSeconds * time.TimestampFrequency);

    /// <summary>Takes over the limit that the broker names. Returns whether the limit is why the channel was closed.</summary>
    public bool TryLearn(TransportClosure closure)
    {
        if (BrokerLimits.ConsumerTimeoutIn(closure) is not { } limit)
        {
            return false;
        }

        Volatile.Write(ref _ticks, limit.Ticks);
        return true;
    }
}
