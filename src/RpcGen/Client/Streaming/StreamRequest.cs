using RpcGen.Client.Calls;
using RpcGen.Generated;
using RpcGen.Transport;

namespace RpcGen.Client.Streaming;

/// <summary>A request that opens a stream, ready to be sent. It can be sent again.</summary>
/// <param name="Id">The call's id.</param>
/// <param name="Identity">The call as messages name it.</param>
/// <param name="Body">The arguments.</param>
/// <param name="Deadline">By when a server must have opened the stream.</param>
internal sealed record StreamRequest(CorrelationId Id, CallIdentity Identity, ReadOnlyMemory<byte> Body, CallDeadline Deadline)
{
    /// <summary>The headers; null for none.</summary>
    public IReadOnlyDictionary<string, object?>? Headers { get; init; }

    /// <summary>Passes on the sources of the streams that the call sends; null if it sends none.</summary>
    public Action<RpcStreamSources>? Offer { get; init; }

    /// <summary>The priority; 0 for none.</summary>
    public byte Priority { get; init; }

    /// <summary>Whether the call fails if nobody consumes the queue.</summary>
    public bool FailFast { get; init; }

    /// <summary>Where the reply's metadata goes; null for nowhere.</summary>
    public RpcMetadata? ReplyMetadata { get; init; }

    /// <summary>Whether a handler makes the call.</summary>
    public bool IsNested { get; init; }

    /// <summary>How often it was sent. With more than one attempt, an earlier one may have reached a server.</summary>
    public int Attempts { get; set; }
}
