using System.Globalization;
using RpcGen.Transport;

namespace RpcGen.Server.Running;

/// <summary>
/// Remembers which calls were cancelled before they started here, until their deadline. A cancel can overtake its request,
/// which may be waiting in the queue or in this process. Bounded: the oldest are forgotten first. Each cancel costs the same,
/// however many calls wait. Thread-safe.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="cancelRunning">Cancels the running call with this reply address and correlation id; false if none runs.</param>
internal sealed class CancelledCalls(TimeProvider time, Func<string, CorrelationId, bool> cancelRunning)
{
    /// <summary>The most cancels that are remembered. A forgotten call runs until its end or its deadline.</summary>
    public const int Capacity = 10_000;

    /// <summary>How long a cancel without <c>expiration</c> is remembered.</summary>
    private static readonly TimeSpan DefaultMemory = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<(string ReplyTo, CorrelationId Id), long> _expiries = [];
    private readonly Queue<(string ReplyTo, CorrelationId Id)> _order = new();
    private volatile int _count;

    /// <summary>Cancels a call: at once if it runs, otherwise when it would start.</summary>
    /// <param name="replyTo">The call's reply address, which only its caller knows.</param>
    /// <param name="correlationId">The call's <c>correlation_id</c>.</param>
    /// <param name="expiration">How long to remember it, in milliseconds as AMQP's <c>expiration</c> has it; null for a minute.</param>
    public void Add(string replyTo, string correlationId, string? expiration)
    {
        // Remembered first: a call that starts at this moment is found either here or among the running calls.
        CorrelationId id = new CorrelationId(correlationId).Normalize();
        Remember((replyTo, id), expiration);
        if (cancelRunning(replyTo, id))
        {
            TryTake(replyTo, id);
        }
    }

    /// <summary>Whether a call was cancelled before it started here. Forgets it.</summary>
    public bool TryTake(string? replyTo, CorrelationId id)
    {
        if (_count == 0 || replyTo is null || id.IsEmpty)
        {
            return false;
        }

        lock (_gate)
        {
            bool isFound = _expiries.Remove((replyTo, id.Normalize()));
            _count = _expiries.Count;
            return isFound;
        }
    }

    private void Remember((string, CorrelationId) call, string? expiration)
    {
        TimeSpan memory = long.TryParse(expiration, NumberStyles.None, CultureInfo.InvariantCulture, out long milliseconds)
            ? TimeSpan.FromMilliseconds(Math.Min(milliseconds, uint.MaxValue))
            : DefaultMemory;
        long now = time.GetTimestamp();
        lock (_gate)
        {
            if (_expiries.TryAdd(call, now + (long)(memory.TotalSeconds * time.TimestampFrequency)))
            {
                _order.Enqueue(call);
            }

            while (_order.Count > Capacity || IsOldestOver(now))
            {
                _expiries.Remove(_order.Dequeue());
            }

            _count = _expiries.Count;
        }
    }

    /// <summary>Whether the oldest entry was taken meanwhile, or has expired.</summary>
    private bool IsOldestOver(long now) =>
        _order.TryPeek(out (string, CorrelationId) oldest) && (!_expiries.TryGetValue(oldest, out long expiry) || expiry < now);
}
