using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Streams.LongCalls;

/// <summary>A call of this process that a server has announced as long.</summary>
/// <param name="id">The call's id.</param>
/// <param name="replyTo">The queue that the reply was to go to.</param>
/// <param name="requestQueue">The queue that the request went to.</param>
internal abstract class AwaitedCall(CorrelationId id, string replyTo, string requestQueue)
{
    /// <summary>The queue that the request went to. Its servers can be told where this process is.</summary>
    public string RequestQueue => requestQueue;

    /// <summary>How both sides know it.</summary>
    public LongCallName Name { get; } = new(id.Normalize(), replyTo);

    /// <summary>The server. Set by the table.</summary>
    public LongPeer? Server { get; set; }

    /// <summary>Which run of the call the server has announced. Set by the table.</summary>
    public long Run { get; set; }

    /// <summary>Whether the server has said that it answers the call: the broker does not have the request any more. Set by the table.</summary>
    public bool IsAdopted { get; set; }

    /// <summary>The number of the first message that has told the server that the call is waited for; null before. Set by the table.</summary>
    public long? ToldIn { get; set; }

    /// <summary>Whether the request came back, because the broker had delivered it again, before it was known whether the server answers it. Set by the table.</summary>
    public bool IsSentBack { get; set; }

    /// <summary>Whether the queue for the reply is lost. Set by the table.</summary>
    public bool IsDetached { get; set; }

    /// <summary>Whether the call has its outcome.</summary>
    public abstract bool IsOver { get; }

    /// <summary>The reply has come from the server. Must not block.</summary>
    public abstract void OnReply(in IncomingMessage reply);

    /// <summary>The server does not answer the call. Must not block, must not throw.</summary>
    public abstract void OnEnded(AwaitedEnd end);
}

/// <summary>Why the server of a long call does not answer it.</summary>
internal enum AwaitedEnd
{
    /// <summary>The request came back, and the server has not taken it over.</summary>
    SentBack,

    /// <summary>Nothing was heard of the server, and its queue is gone: it has ended.</summary>
    Gone,

    /// <summary>Nothing was heard of the server, although its queue exists: it hangs.</summary>
    Silent,

    /// <summary>The server has given up the call.</summary>
    Forgotten,
}
