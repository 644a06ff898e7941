using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Streams.LongCalls;

/// <summary>A long call that this process runs. Its caller learns who runs it, and this process learns whether the caller still waits.</summary>
/// <param name="id">The call's id as the caller has sent it.</param>
/// <param name="replyTo">The queue for the reply.</param>
internal abstract class ServedLongCall(CorrelationId id, string replyTo)
{
    /// <summary>How both sides know it.</summary>
    public LongCallName Name { get; } = new(id.Normalize(), replyTo);

    /// <summary>The call's id as the caller has sent it.</summary>
    public CorrelationId WireId => id;

    /// <summary>Which run of the call it is: this process can run a call again. Set by the table.</summary>
    public long Run { get; set; }

    /// <summary>The queue of this process that the announcement named; null before. Set under the lock of the table.</summary>
    public string? AnnouncedFrom { get; set; }

    /// <summary>The caller, which has said that it waits for the call; null before. Set by the table.</summary>
    public LongPeer? Caller { get; set; }

    /// <summary>The number of the caller's last message that lists the call. Set by the table.</summary>
    public long ListedIn { get; set; }

    /// <summary>The outcome; null while the call runs. Set by the table.</summary>
    public LongReply? Reply { get; set; }

    /// <summary>The queue that the outcome was sent to; null if it was not, or came back. Set by the table.</summary>
    public string? SentTo { get; set; }

    /// <summary>In how many messages the caller has listed the call since the outcome was sent. Set by the table.</summary>
    public int ListedSinceSent { get; set; }

    /// <summary>Whether the call has ended without an outcome that the caller gets here.</summary>
    public abstract bool IsOver { get; }

    /// <summary>
    /// The caller waits for the call, and knows who runs it: its request is not needed any more. False if the call is over, or being answered.
    /// Must not block, must not throw.
    /// </summary>
    public abstract bool TryAdopt();

    /// <summary>The call was taken over. Must not throw.</summary>
    public abstract void OnAdopted();

    /// <summary>Nobody waits for the call any more. Must not throw.</summary>
    /// <param name="reason">Why, as a clause for messages.</param>
    public abstract void OnUnwanted(string reason);
}

/// <summary>The outcome of a long call.</summary>
/// <param name="Type">The message's type: null for a result.</param>
/// <param name="Body">The result or problem.</param>
/// <param name="Headers">The headers; null for none.</param>
internal sealed record LongReply(string? Type, ReadOnlyMemory<byte> Body, IReadOnlyDictionary<string, object?>? Headers);
