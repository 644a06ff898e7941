using System.Text.Json;
using RpcGen.Protocol;

namespace RpcGen.Client.Calls;

/// <summary>Learns from the replies to one method's calls whether they can be batched. Thread-safe.</summary>
internal interface IBatchFeedback
{
    /// <summary>The method's name as it is written between quotes in a batch.</summary>
    JsonEncodedText EncodedName { get; }

    /// <summary>A reply in a message of its own arrived.</summary>
    /// <param name="ticket">The number of the batcher's message that the call traveled in.</param>
    /// <param name="hint">What the reply says about batching.</param>
    void OnReply(long ticket, BatchHint hint);

    /// <summary>A reply arrived in a batch.</summary>
    /// <param name="isQuick">Whether the handler was quick.</param>
    void OnBatchedReply(bool isQuick);
}
