using Microsoft.Extensions.Logging;
using RpcGen.Diagnostics;
using RpcGen.Runtime;

namespace RpcGen.Server.Running;

/// <summary>
/// How many places of a server are held by calls that are past their deadline, because their handlers ignore their tokens. One
/// object serves all links of a server. Thread-safe.
/// </summary>
/// <param name="queue">The request queue, for the log.</param>
/// <param name="places">How many calls run at a time.</param>
/// <param name="time">The clock.</param>
/// <param name="log">The log.</param>
internal sealed class HeldPlaces(string queue, int places, TimeProvider time, ILogger log)
{
    /// <summary>How long after its deadline a call counts. Until then, its handler can be about to end.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    /// <summary>The pause between two log entries.</summary>
    public static readonly TimeSpan LogPause = TimeSpan.FromMinutes(1);

    private readonly ILogger _log = GuardedLogger.Guard(log);
    private Func<long, OverdueCalls>? _find;
    private long _loggedAt = long.MinValue;

    /// <summary>Why the server cannot work properly, as a sentence for messages; null if it can. Half of the places must be held.</summary>
    public string? Describe() =>
        Find(time.GetTimestamp()).Count is var held && IsMuch(held) ? $"{held} of {places} places are held by calls past their deadline, whose handlers ignore their cancellation tokens." : null;

    /// <summary>Sets what finds the calls of the current link.</summary>
    public void SetSource(Func<long, OverdueCalls> find) => Volatile.Write(ref _find, find);

    /// <summary>Logs the oldest call if half of the places are held, once a minute.</summary>
    /// <returns>When to check again, as a timestamp; <see cref="long.MaxValue"/> for never.</returns>
    public long Check(long now)
    {
        OverdueCalls overdue = Find(now);
        bool isQuiet = _loggedAt != long.MinValue && time.GetElapsedTime(_loggedAt, now) < LogPause;
        if (IsMuch(overdue.Count) && !isQuiet)
        {
            _loggedAt = now;
            Log.PlacesHeld(_log, overdue.Count, places, queue, overdue.OldestMethod, overdue.OldestId, time.GetElapsedTime(overdue.OldestDeadline, now).TotalSeconds);
        }

        return overdue.NextCheck;
    }

    private bool IsMuch(int held) => held > 0 && 2 * held >= places;

    private OverdueCalls Find(long now) =>
        Volatile.Read(ref _find)?.Invoke(now - (long)(Grace.TotalSeconds * time.TimestampFrequency)) ?? OverdueCalls.None;
}
