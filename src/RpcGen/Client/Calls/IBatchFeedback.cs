using System.Text.Json;
using RpcGen.Protocol;

namespace RpcGen.Client.Calls;

/// <summary>Learns from the replies to one method's calls whether they can be batched. Thread-safe.</summary>
/// <remarks>
/// Batching has three interfaces. This one belongs to a method: it learns from replies, and keeps <c>Calls</c> independent of
/// <c>Batching</c>. <c>IBatchOwner</c> belongs to a batcher: batches report the end of its messages. <c>IBatchEvents</c>
/// belongs to a session: it decides what a reply to a whole batch means.
/// </remarks>
internal interface IBatchFeedback
{
    /// <summary>The method's name as it is written between quotes in a batch.</summary>
    JsonEncodedText EncodedName { get; }

    /// <summary>Learns from a reply, before the caller has it: the caller's next call already counts on it.</summary>
    /// <param name="hint">What the reply says about batching.</param>
    void Learn(BatchHint hint);

    /// <summary>The caller has the reply that arrived in a message of its own.</summary>
    /// <param name="ticket">The ticket of the batcher's message that the call traveled in.</param>
    void OnMessageOver(long ticket);
}
