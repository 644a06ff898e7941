using System.Globalization;
using RpcGen.Transport;

namespace RpcGen.Server;

/// <summary>
/// Hears of calls that were given up: ends those that run here, and remembers the others until their deadline, for their
/// request may come later. Bounded; the oldest are forgotten first.
/// </summary>
internal sealed class CancelledCalls(TimeProvider time, Func<string, string, bool> cancelRunning) : ITransportConsumer
{
    private const int Capacity = 10_000;
    private static readonly TimeSpan DefaultMemory = TimeSpan.FromMinutes(1);
    private readonly Lock _gate = new();
    private readonly Dictionary<(string ReplyTo, string CorrelationId), long> _remembered = [];
    private readonly Queue<(string ReplyTo, string CorrelationId)> _order = new();
    private volatile int _count;

    public void OnDelivered(in IncomingMessage message)
    {
        if (message.ReplyTo is not { } replyTo || message.CorrelationId is not { } correlationId)
        {
            return; // no cancel of ours
        }

        // Remembered first: a request that comes at this very moment is found either there or among the running.
        Remember((replyTo, correlationId), message.Expiration);
        if (cancelRunning(replyTo, correlationId))
        {
            TryTake(replyTo, new CorrelationId(correlationId));
        }
    }

    public void OnCancelledByBroker()
    {
        // The queue of this instance was deleted: callers' cancels no longer arrive, deadlines still hold.
    }

    /// <summary>Whether a call was given up before it started here; forgets it.</summary>
    public bool TryTake(string? replyTo, CorrelationId id)
    {
        if (_count == 0 || replyTo is null || id.ToString() is not { } correlationId)
        {
            return false;
        }

        lock (_gate)
        {
            bool isFound = _remembered.Remove((replyTo, correlationId));
            _count = _remembered.Count;
            return isFound;
        }
    }

    private void Remember((string, string) call, string? expiration)
    {
        TimeSpan memory = long.TryParse(expiration, NumberStyles.None, CultureInfo.InvariantCulture, out long milliseconds)
            ? TimeSpan.FromMilliseconds(Math.Min(milliseconds, uint.MaxValue))
            : DefaultMemory;
        long now = time.GetTimestamp();
        lock (_gate)
        {
            if (_remembered.TryAdd(call, now + (long)(memory.TotalSeconds * time.TimestampFrequency)))
            {
                _order.Enqueue(call);
            }

            while (_order.Count > Capacity || (_order.TryPeek(out var oldest) && (!_remembered.TryGetValue(oldest, out long until) || until < now)))
            {
                _remembered.Remove(_order.Dequeue());
            }

            _count = _remembered.Count;
        }
    }
}
