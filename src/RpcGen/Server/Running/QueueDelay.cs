using System.Globalization;
using RpcGen.Runtime;
using RpcGen.Server.Acknowledging;

namespace RpcGen.Server.Running;

/// <summary>
/// Estimates how long requests wait in the queue. <c>timestamp</c> has whole seconds of the caller's clock, which can be wrong. A
/// request that arrives while the consumer has credit left did not wait, and shows by how much its caller's clock is off. The
/// others show the delay of the queue, as far as their callers' clocks are known. Thread-safe.
/// </summary>
/// <remarks>
/// A queue is in order: no request has waited longer than the one before it, plus the time between their deliveries. None has
/// waited longer than its <c>expiration</c> either: the broker would have dropped it. If a request seems to have waited longer, or
/// for a negative time, its caller's clock was set. All remaining errors of clocks make the estimate too small. A request
/// can then run although its caller has given up, but no request is refused because of a clock. A caller can make the estimate too
/// large on purpose, with old timestamps, while it keeps the consumer without credit. This adds about a second for callers whose
/// clock is known. For other callers, it adds no more than the time since the queue was last empty.
/// </remarks>
/// <param name="queue">The request queue, for the log.</param>
/// <param name="environment">Time and log.</param>
internal sealed class QueueDelay(string queue, RpcEnvironment environment)
{
    /// <summary>How much the estimate can be too high, in seconds, because timestamps have whole seconds. It is subtracted, so that calls with short timeouts are not refused needlessly.</summary>
    private const double Uncertainty = 0.25;

    /// <summary>How much the wait of a single request can seem too long or too short, in seconds: timestamps have whole seconds, and publishing takes time.</summary>
    private const double Slack = 1.5;

    /// <summary>How much of a single request's wait is doubtful, in seconds: a step of its caller's clock that was not noticed, and whole seconds.</summary>
    private const double Doubt = 4;

    /// <summary>The weight of a new value.</summary>
    private const double Weight = 1.0 / 8;

    private readonly Lock _gate = new();
    private readonly CallerClocks _clocks = new(queue, environment);
    private readonly TimeProvider _time = environment.Time;
    private readonly Dictionary<byte, Level> _levels = []; // requests of one priority are in order
    private long? _emptyAt;

    /// <summary>Notes a request, and sets how long it waited as far as is known.</summary>
    public void Note(Delivery delivery)
    {
        lock (_gate)
        {
            if (!delivery.FoundCredit)
            {
                Judge(delivery);
            }
            else if (!delivery.WasWaiting && !delivery.IsRedelivered)
            {
                _emptyAt = delivery.ReceivedAt;
                _levels.Clear();
                if (HasTime(delivery))
                {
                    _clocks.Learn(delivery, _clocks.AgeOf(delivery));
                }
            }
        }
    }

    private static bool HasTime(Delivery delivery) => delivery.Timestamp > 0 && !string.IsNullOrEmpty(delivery.ReplyTo);

    /// <summary>The request arrived after the credit was used up: it can have waited.</summary>
    private void Judge(Delivery delivery)
    {
        Level level = LevelOf(delivery);
        double waited = level.Seconds;
        if (HasTime(delivery) && !delivery.IsRedelivered && _clocks.TryGetOffset(delivery.ReplyTo!, out double offset))
        {
            double own = _clocks.AgeOf(delivery) - offset;
            if (own < -Slack || own > Math.Min(level.Longest, TimeToLive(delivery)) + Slack)
            {
                _clocks.Correct(delivery, own + offset - level.Seconds);
            }
            else
            {
                level.Add(own, Weight);
                waited = Math.Min(level.Seconds, own + 1);
                delivery.WaitedAtLeast = Span(own - Doubt);
            }
        }

        delivery.Waited = Span(waited - Uncertainty);
    }

    private static double TimeToLive(Delivery delivery) =>
        long.TryParse(delivery.Expiration, NumberStyles.None, CultureInfo.InvariantCulture, out long milliseconds) ? milliseconds / 1000.0 : double.PositiveInfinity;

    private Level LevelOf(Delivery delivery)
    {
        if (!_levels.TryGetValue(delivery.Priority, out Level? level))
        {
            level = new Level { At = _emptyAt ?? delivery.ReceivedAt, Longest = _emptyAt is null ? double.PositiveInfinity : 0 };
            _levels.Add(delivery.Priority, level);
        }

        level.Longest += _time.GetElapsedTime(level.At, delivery.ReceivedAt).TotalSeconds;
        level.At = delivery.ReceivedAt;
        return level;
    }

    private static TimeSpan Span(double seconds) => TimeSpan.FromSeconds(Math.Max(0, seconds));

    /// <summary>The requests of one priority.</summary>
    private sealed class Level
    {
        /// <summary>The estimate: the mean of several requests makes up for whole seconds.</summary>
        public double Seconds { get; private set; }

        /// <summary>The longest that a request can have waited that came at <see cref="At"/>.</summary>
        public double Longest { get; set; }

        /// <summary>When the last request came.</summary>
        public long At { get; set; }

        public void Add(double own, double weight)
        {
            Seconds = Math.Max(0, Seconds + (weight * (own - Seconds)));
            Longest = Math.Min(Longest, Math.Max(Seconds, own) + 1); // + 1: whole seconds. Max: one clock that was set forward must not hide the wait of others
        }
    }
}
