using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Streams;

/// <summary>What a beat says of one call.</summary>
internal enum BeatFinding
{
    /// <summary>Every message that the peer has sent is here.</summary>
    Complete,

    /// <summary>The peer has sent messages that are not here.</summary>
    Lost,
}

/// <summary>
/// A process on the other side of calls, known by its stream queue: when it was heard, and which calls are open with it. Without
/// I/O and clock. Its calls are accessed under the table's lock; beats come one at a time.
/// </summary>
/// <param name="queue">The peer's stream queue.</param>
/// <param name="every">How often its beats come.</param>
/// <param name="now">The current timestamp.</param>
internal sealed class StreamPeer(string queue, TimeSpan every, long now)
{
    private long _lastHeard = now;
    private long _beats;

    /// <summary>The peer's stream queue.</summary>
    public string Queue { get; } = queue;

    /// <summary>How often its beats come.</summary>
    public TimeSpan Every { get; set; } = every;

    /// <summary>The calls that are open with it.</summary>
    public HashSet<StreamCall> Calls { get; } = [];

    /// <summary>Whether a beat to it is being published.</summary>
    public int IsBeatPending;

    /// <summary>Something came from the peer, or the time until now does not count.</summary>
    public void OnHeard(long now) => Volatile.Write(ref _lastHeard, now);

    /// <summary>How long the peer was silent.</summary>
    public TimeSpan SilentFor(TimeProvider time) => time.GetElapsedTime(Volatile.Read(ref _lastHeard));

    /// <summary>Whether the peer was silent for so long that it is lost.</summary>
    public bool IsSilent(TimeProvider time) => SilentFor(time) > StreamBeat.SilentBeats * Every;

    /// <summary>A beat of the peer begins.</summary>
    public void BeginBeat() => _beats++;

    /// <summary>The beat lists a call that is open here.</summary>
    public BeatFinding OnListed(StreamCall call, in BeatEntry entry)
    {
        call.ListedIn = _beats;
        return entry.Sent > call.Received ? BeatFinding.Lost : BeatFinding.Complete;
    }

    /// <summary>
    /// Whether an earlier beat has listed a call, and this one has not: the peer has dropped the call, after it had published how the
    /// call ended, and that is not here.
    /// </summary>
    public bool HasDropped(StreamCall call) => call.ListedIn != 0 && call.ListedIn != _beats;
}
