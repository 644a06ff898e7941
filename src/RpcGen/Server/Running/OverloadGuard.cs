using RpcGen.Diagnostics;
using RpcGen.Runtime;
using RpcGen.Server.Settings;

namespace RpcGen.Server.Running;

/// <summary>
/// Decides which requests an overloaded server starts. A request that has waited starts only if at least half of its time remains,
/// and enough for the method. A request always starts if a place was free. The server then works for callers that still wait for
/// the outcome. Thread-safe.
/// </summary>
internal sealed class OverloadGuard(ServerSettings settings, RpcEnvironment environment)
{
    /// <summary>A request that waited for less than this part of its time counts as having found a free place, because pool threads can also be late.</summary>
    private const double NoWait = 0.05;

    /// <summary>What a call needs besides its run time.</summary>
    private static readonly TimeSpan Overhead = TimeSpan.FromMilliseconds(20);

    /// <summary>The shortest retry delay that callers get.</summary>
    private static readonly TimeSpan LeastPause = TimeSpan.FromMilliseconds(100);

    /// <summary>The pause between two log entries.</summary>
    private static readonly TimeSpan LogPause = TimeSpan.FromSeconds(10);

    private long _loggedAt = long.MinValue;

    /// <summary>Whether a call, or a batch as a whole, has to be refused.</summary>
    /// <param name="call">The call.</param>
    /// <param name="durations">The method's run times; null for a batch.</param>
    /// <param name="retryAfter">When the caller can try again.</param>
    public bool Refuses(ServerCall call, DurationEstimate? durations, out TimeSpan retryAfter)
    {
        retryAfter = default;
        if (!settings.RejectWhenOverloaded || call.IsOneWay || call.Budget is not { } milliseconds)
        {
            return false;
        }

        TimeSpan waited = call.Delivery.Waited + environment.Time.GetElapsedTime(call.Delivery.ReceivedAt);
        var budget = TimeSpan.FromMilliseconds(milliseconds);
        if (waited <= NoWait * budget)
        {
            return false;
        }

        TimeSpan needed = durations is null ? TimeSpan.Zero : (1.1 * environment.Time.GetElapsedTime(0, durations.P95)) + Overhead;
        TimeSpan least = needed > budget / 2 ? needed : budget / 2;
        retryAfter = waited > LeastPause ? waited : LeastPause;
        return budget - waited < least && Note(waited);
    }

    private bool Note(TimeSpan waited)
    {
        long now = environment.Time.GetTimestamp();
        long last = Volatile.Read(ref _loggedAt);
        bool isDue = last == long.MinValue || environment.Time.GetElapsedTime(last, now) >= LogPause;
        if (isDue && Interlocked.CompareExchange(ref _loggedAt, now, last) == last)
        {
            Log.Overloaded(environment.Log, settings.QueueName, waited.TotalSeconds);
        }

        return true;
    }
}
