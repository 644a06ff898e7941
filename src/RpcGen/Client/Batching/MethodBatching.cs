using System.Text.Json;
using RpcGen.Client.Calls;
using RpcGen.Protocol;

namespace RpcGen.Client.Batching;

/// <summary>
/// Whether the calls of one method can be batched: once a reply has said that the server reads batches, and as long as the
/// method's handlers are quick. Thread-safe.
/// </summary>
internal sealed class MethodBatching(string method, RequestBatcher batcher) : IBatchFeedback
{
    /// <summary>How many quick calls in a row make up for a slow one.</summary>
    public const int QuickCallsAfterSlow = 16;

    /// <summary>Until the server has said that it reads batches, one quick call is missing.</summary>
    private int _quickCallsMissing = 1;

    /// <inheritdoc/>
    public JsonEncodedText EncodedName { get; } = JsonEncodedText.Encode(method);

    /// <summary>Whether a call can be batched now.</summary>
    public bool CanBatch => Volatile.Read(ref _quickCallsMissing) == 0 && !batcher.IsPaused;

    /// <summary>Hands a waiting call to the batcher, which sends it now or with others soon.</summary>
    public void Send(PendingCall call, long generation) => batcher.Add(call, generation);

    /// <inheritdoc/>
    public void Learn(BatchHint hint)
    {
        if (hint == BatchHint.None)
        {
            return;
        }

        if (hint != BatchHint.Batchable)
        {
            Volatile.Write(ref _quickCallsMissing, QuickCallsAfterSlow);
        }
        else if (Volatile.Read(ref _quickCallsMissing) is > 0 and int missing)
        {
            // Losing the race against another reply costs one count, which does not matter.
            Interlocked.CompareExchange(ref _quickCallsMissing, missing - 1, missing);
        }
    }

    /// <inheritdoc/>
    public void OnMessageOver(long ticket) => batcher.OnMessageOver(ticket);
}
