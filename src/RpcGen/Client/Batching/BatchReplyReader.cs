using System.Text.Json;
using Microsoft.Extensions.Logging;
using RpcGen.Client.Calls;
using RpcGen.Diagnostics;
using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Client.Batching;

/// <summary>Reads the replies to batches: a batch of replies, or one refusal for the whole message. Thread-safe.</summary>
internal sealed class BatchReplyReader(
    SlotTable<PendingMessage> table, CallSender sender, CallEventHandler endings, ReplyReader replies, DroppedReplies dropped, ILogger log)
    : IBatchEvents
{
    /// <summary>Gives each call whose reply is in the batch its outcome. Never throws.</summary>
    public void OnReplies(in IncomingMessage message)
    {
        // The id is that of the request, if it was a batch too. A server can also batch the replies to single requests.
        table.TryFind(new CorrelationId(message.CorrelationId), out PendingMessage found, out long generation);
        PendingBatch? batch = found is PendingBatch known && known.TryPin(generation) ? known : null;
        try
        {
            if (!replies.IsReadableBatch(in message))
            {
                throw new JsonException($"its content type is '{message.ContentType}', its encoding '{message.ContentEncoding}', its length {message.Body.Length} bytes{(message.IsUnreadable ? ", and its headers are unreadable" : "")}.");
            }

            ReadEntries(message.Body, new CorrelationId(message.CorrelationId).Normalize());
        }
        catch (JsonException e)
        {
            dropped.AddUnknown(message.CorrelationId);
            if (batch is not null)
            {
                FailAll(batch, e);
            }
        }

        if (batch is not null)
        {
            End(batch, generation);
        }
    }

    /// <summary>
    /// A fault that says that the server cannot read batches, or not one of this size: no call has run, so the calls are sent again
    /// one by one, and no call is batched for a while. Any other fault is the outcome of each call. A reply that is not a fault
    /// cannot be read.
    /// </summary>
    public void OnRefused(PendingBatch batch, long generation, MessageKind kind, in IncomingMessage reply)
    {
        if (!batch.TryPin(generation))
        {
            dropped.AddLate(reply.CorrelationId);
            return;
        }

        if (kind != MessageKind.Fault && !reply.IsUnreadable)
        {
            FailAll(batch, new JsonException($"its type is '{reply.Type}', which is neither '{WireNames.Batch}' nor '{WireNames.Fault}'."));
        }
        else if (!reply.IsUnreadable && FaultReader.ReadCode(reply.Body) is (FaultCodes.Unsupported or FaultCodes.UnknownMethod or FaultCodes.Protocol or FaultCodes.TooLarge) and { } code)
        {
            batch.Owner.Pause();
            Log.BatchingPaused(log, batch.Queue, code, RequestBatcher.PauseTime.TotalSeconds);
            foreach ((PendingCall call, long use) in batch.Calls)
            {
                sender.ResendWithoutBatch(call, use, batch.Link!);
            }
        }
        else
        {
            foreach ((PendingCall call, long use) in batch.Calls)
            {
                endings.OnBatchRefused(call, use, kind, in reply);
            }
        }

        End(batch, generation);
    }

    /// <summary>Ends the message, also for its batcher.</summary>
    private static void End(PendingBatch batch, long generation)
    {
        batch.Owner.OnMessageOver(batch.Ticket);
        batch.Finish(generation);
        batch.Unpin();
    }

    private static void FailAll(PendingBatch batch, Exception cause)
    {
        foreach ((PendingCall call, long use) in batch.Calls)
        {
            if (call.TryComplete(use))
            {
                call.SetException(CallExceptions.UnreadableBatch(call.Identity, cause));
            }
        }
    }

    private void ReadEntries(ReadOnlyMemory<byte> body, CorrelationId batch)
    {
        var reader = new BatchReader(body.Span);
        while (reader.NextEntry())
        {
            string? type = reader.HasElement ? reader.ReadText() : null;
            bool isQuick = !reader.HasElement || reader.ReadNumber() == 0;
            reader.EndEntry();

            CorrelationId id = reader.Id;
            if (!table.TryFind(id, out PendingMessage found, out long generation) || found is not PendingCall call)
            {
                dropped.AddUnknown(id.ToString());
            }
            else if (!endings.OnBatchedReply(call, generation, batch, type, body[reader.Body], isQuick))
            {
                dropped.AddLate(id.ToString());
            }
        }
    }
}
