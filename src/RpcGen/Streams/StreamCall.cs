using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Streams;

/// <summary>One call with a stream, as its <see cref="StreamLink"/> knows it: made by this process, or served by it.</summary>
/// <param name="id">The call's id.</param>
/// <param name="servedFor">The stream queue of the caller, if this process serves the call; null if it has made it.</param>
internal abstract class StreamCall(CorrelationId id, string? servedFor)
{
    private StreamPeer? _peer;
    private long _sent;

    /// <summary>The call's id, in its form for comparisons.</summary>
    public CorrelationId Id { get; } = id.Normalize();

    /// <summary>The call's id as the caller has sent it.</summary>
    public CorrelationId WireId { get; } = id;

    /// <summary>The stream queue of the caller, if this process serves the call; null if it has made it.</summary>
    public string? ServedFor { get; } = servedFor;

    /// <summary>The other side; null until it is known. Set by the table.</summary>
    public StreamPeer? Peer => Volatile.Read(ref _peer);

    /// <summary>The stream queue of the other side. Valid once it is known.</summary>
    public string PeerQueue => ServedFor ?? Peer!.Queue;

    /// <summary>How many messages were published for the call.</summary>
    public long Sent => Volatile.Read(ref _sent);

    /// <summary>How many messages of the call have come from the peer. Accessed by the consumer's thread.</summary>
    public long Received { get; private set; }

    /// <summary>The number of the peer's last beat that has listed the call; 0 for none. Accessed by the consumer's thread.</summary>
    public long ListedIn { get; set; }

    /// <summary>Whether the call ends when the connection is about to be disposed: its servers go on until they have drained.</summary>
    public virtual bool EndsWithClients => false;

    /// <summary>Whether messages of a kind about a parameter are for this side, if this process has both sides of the call.</summary>
    public virtual bool Takes(StreamMessageKind kind, string parameter) => true;

    /// <summary>A message has come. Must not block. Runs on the consumer's thread.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="parameter">The parameter that it is about, a stream of the client or progress; null for the call's result.</param>
    /// <param name="message">The message.</param>
    public abstract void OnMessage(StreamMessageKind kind, string? parameter, in IncomingMessage message);

    /// <summary>The other side is lost. Must not block, must not throw.</summary>
    public abstract void OnLost(StreamLoss loss);

    /// <summary>The broker returned the request. Must not block, must not throw.</summary>
    public virtual void OnReturned(string reason)
    {
    }

    /// <summary>Counts a message that is published. Later beats name it.</summary>
    public void CountSent() => Interlocked.Increment(ref _sent);

    /// <summary>Counts a message of the peer.</summary>
    public void CountReceived() => Received++;

    /// <summary>The other side is another one from now on. Called by the table.</summary>
    public void MoveTo(StreamPeer? peer)
    {
        Volatile.Write(ref _sent, 0);
        Received = 0;
        ListedIn = 0;
        Volatile.Write(ref _peer, peer);
    }
}
