using RpcGen.Diagnostics;
using RpcGen.Runtime;
using RpcGen.Server.Acknowledging;

namespace RpcGen.Server.Running;

/// <summary>
/// By how much the clocks of callers differ from this server's. A request that did not wait in the queue shows it. A clock that
/// is off is named in the log, and has no other effect. Not thread-safe.
/// </summary>
/// <param name="queue">The request queue, for the log.</param>
/// <param name="environment">Time and log.</param>
internal sealed class CallerClocks(string queue, RpcEnvironment environment)
{
    /// <summary>The most callers whose clocks are known.</summary>
    public const int MaxCallers = 4096;

    /// <summary>A clock that differs by more is named in the log.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(5);

    /// <summary>The pause between two log entries about one caller.</summary>
    public static readonly TimeSpan PauseOfCaller = TimeSpan.FromHours(1);

    /// <summary>The pause between two log entries, because there can be many callers, and they can invent reply addresses.</summary>
    public static readonly TimeSpan PauseOfAll = TimeSpan.FromSeconds(10);

    /// <summary>Two requests this far apart must agree before a clock is named: requests that a network held up come together.</summary>
    private static readonly TimeSpan Confirmation = TimeSpan.FromSeconds(1);

    /// <summary>The weight of a new value.</summary>
    private const double Weight = 1.0 / 8;

    private readonly Dictionary<string, Clock> _clocks = new(StringComparer.Ordinal);
    private readonly TimeProvider _time = environment.Time;
    private readonly long _startedAt = environment.Time.GetTimestamp();
    private readonly double _startedAtSeconds = Seconds(environment.Time.GetUtcNow());
    private long? _loggedAt;

    /// <summary>How long before its delivery a message was sent, by the two clocks, in seconds. A step of this server's own clock does not change it.</summary>
    public double AgeOf(Delivery delivery) => SteadySeconds(delivery.ReceivedAt) - delivery.Timestamp;

    /// <summary>Gets the seconds to subtract from the ages of a caller's messages. False if unknown.</summary>
    public bool TryGetOffset(string caller, out double offset)
    {
        bool isKnown = _clocks.TryGetValue(caller, out Clock? clock);
        offset = clock?.Offset ?? 0;
        return isKnown;
    }

    /// <summary>Learns from a message that did not wait: all of its age is the difference of the clocks.</summary>
    public void Learn(Delivery delivery, double age)
    {
        if (!_clocks.TryGetValue(delivery.ReplyTo!, out Clock? clock))
        {
            if (_clocks.Count >= MaxCallers)
            {
                _clocks.Clear(); // callers come back with their next request
            }

            _clocks.Add(delivery.ReplyTo!, new Clock { Offset = age, SetAt = delivery.ReceivedAt });
        }
        else if (Math.Abs(age - clock.Offset) <= 1) // timestamps have whole seconds
        {
            clock.Offset += Weight * (age - clock.Offset);
            NameIfOff(clock, delivery);
        }
        else
        {
            Set(clock, age, delivery.ReceivedAt); // the clock was set: it shows at once
        }
    }

    /// <summary>Corrects the offset of a known caller whose clock was set.</summary>
    public void Correct(Delivery delivery, double offset) => Set(_clocks[delivery.ReplyTo!], offset, delivery.ReceivedAt);

    private static void Set(Clock clock, double offset, long now)
    {
        clock.Offset = offset;
        clock.SetAt = now;
    }

    private void NameIfOff(Clock clock, Delivery delivery)
    {
        long now = delivery.ReceivedAt;
        double off = clock.Offset + Seconds(_time.GetUtcNow()) - SteadySeconds(_time.GetTimestamp());
        if (Math.Abs(off) > Tolerance.TotalSeconds && _time.GetElapsedTime(clock.SetAt, now) >= Confirmation && IsOver(clock.LoggedAt, PauseOfCaller, now) && IsOver(_loggedAt, PauseOfAll, now))
        {
            clock.LoggedAt = now;
            _loggedAt = now;
            Log.ClockIsOff(environment.Log, delivery.ReplyTo!, delivery.UserId, queue, Math.Round(Math.Abs(off)), off > 0 ? "behind" : "ahead of");
        }
    }

    private bool IsOver(long? since, TimeSpan pause, long now) => since is not { } last || _time.GetElapsedTime(last, now) >= pause;

    private double SteadySeconds(long timestamp) => _startedAtSeconds + _time.GetElapsedTime(_startedAt, timestamp).TotalSeconds;

    private static double Seconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).TotalSeconds;

    private sealed class Clock
    {
        public double Offset { get; set; }

        /// <summary>When the offset was last set, not adjusted.</summary>
        public long SetAt { get; set; }

        public long? LoggedAt { get; set; }
    }
}
