namespace RpcGen.Server.Consuming;

/// <summary>
/// The requests that waited when a link began to consume. Their callers may have given up while no server was there to receive
/// the cancel. Used by one thread.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class Backlog(TimeProvider time)
{
    /// <summary>A broker delivers waiting requests at once. After a pause of this length, the queue was empty: other servers took the rest.</summary>
    public static readonly TimeSpan MaxPause = TimeSpan.FromMilliseconds(250);

    private long _left;
    private long _lastAt;

    /// <summary>Sets how many requests wait, right before the link consumes.</summary>
    public void Begin(long waiting)
    {
        _left = waiting;
        _lastAt = time.GetTimestamp();
    }

    /// <summary>Whether a request that arrives now was one of them.</summary>
    public bool TryTake()
    {
        if (_left == 0)
        {
            return false;
        }

        long now = time.GetTimestamp();
        bool isTaken = time.GetElapsedTime(_lastAt, now) <= MaxPause;
        _left = isTaken ? _left - 1 : 0;
        _lastAt = now;
        return isTaken;
    }
}
