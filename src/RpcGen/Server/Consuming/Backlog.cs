namespace RpcGen.Server.Consuming;

/// <summary>
/// The requests that waited when a link began to consume. Their callers may have given up meanwhile, without a server that could
/// have been told. One thread uses it.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class Backlog(TimeProvider time)
{
    /// <summary>A broker that has a request delivers it at once. After such a pause its queue was empty: another server took the rest.</summary>
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
