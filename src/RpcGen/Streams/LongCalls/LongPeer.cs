using RpcGen.Protocol;

namespace RpcGen.Streams.LongCalls;

/// <summary>
/// The process on the other side of long calls. It keeps its name when it connects again, and then speaks from another queue. Without I/O and
/// clock. Accessed under the lock of its table.
/// </summary>
/// <param name="instance">Its name, which only this process knows.</param>
/// <param name="ownInstance">The name of this process, which only the peer knows. With another name, nobody can speak for this process.</param>
internal sealed class LongPeer(string instance, string ownInstance)
{
    private long _lastHeard;

    /// <summary>Its name.</summary>
    public string Instance => instance;

    /// <summary>The name of this process for the peer.</summary>
    public string OwnInstance => ownInstance;

    /// <summary>The queue that it was heard from last.</summary>
    public string Queue { get; private set; } = "";

    /// <summary>How often it says that it is alive.</summary>
    public TimeSpan Every { get; private set; }

    /// <summary>Whether the broker has returned a message to its queue: it has lost its connection, or it is gone.</summary>
    public bool IsGone { get; private set; }

    /// <summary>Whether the last message to it has listed calls: then it has to learn of their end.</summary>
    public bool HasListed { get; set; }

    /// <summary>The queue of this process that the last message to it came from; null before.</summary>
    public string? ToldFrom { get; set; }

    /// <summary>The number of the last message of it that lists calls. Earlier ones can come later, on another connection.</summary>
    public long LastNumber { get; set; } = long.MinValue;

    /// <summary>It was heard.</summary>
    /// <returns>Whether it speaks from another queue than before.</returns>
    public bool OnHeard(string queue, TimeSpan every, long now)
    {
        bool hasMoved = Queue != queue;
        (Queue, Every, IsGone) = (queue, every, false);
        OnHeard(now);
        return hasMoved;
    }

    /// <summary>The time until now does not count.</summary>
    public void OnHeard(long now) => _lastHeard = now;

    /// <summary>A message to its queue came back.</summary>
    public void OnReturned() => IsGone = true;

    /// <summary>Whether nothing was heard of it for so long that it is lost.</summary>
    public bool IsLost(TimeProvider time, long now) => time.GetElapsedTime(_lastHeard, now) > StreamBeat.SilentBeats * Every;
}
