namespace RpcGen.Streams;

/// <summary>
/// The memory that the windows of all streams of a connection share. Thread-safe. Windows of the default size, and those that grow, take
/// half of it, so that the other half suffices for many streams with the least window.
/// </summary>
/// <param name="maxBytes">What all windows together can have. Each stream gets the least window in any case.</param>
internal sealed class StreamBudget(long maxBytes)
{
    private readonly Lock _gate = new();
    private long _used;

    /// <summary>What the open streams have.</summary>
    public long Used => Volatile.Read(ref _used);

    /// <summary>Takes the window of a new stream.</summary>
    /// <param name="wanted">The window that the method asks for; 0 for the default.</param>
    public long Take(long wanted)
    {
        lock (_gate)
        {
            long most = wanted > 0 ? wanted : StreamLimits.DefaultWindow;
            long left = wanted > 0 ? maxBytes - _used : ((maxBytes / 2) - _used) / 8;
            long window = Math.Min(most, Math.Max(StreamLimits.LeastWindow, left));
            _used += window;
            return window;
        }
    }

    /// <summary>Takes more for a stream that starves. Returns how much it gets; 0 if there is no more.</summary>
    public long Grow(long window)
    {
        long more = Math.Min(window, StreamLimits.LargestWindow - window);
        lock (_gate)
        {
            if (more <= 0 || _used + more > maxBytes / 2)
            {
                return 0;
            }

            _used += more;
            return more;
        }
    }

    /// <summary>Gives the window of an ended stream back.</summary>
    public void Return(long window)
    {
        lock (_gate)
        {
            _used -= window;
        }
    }
}
