using RpcGen.Client.Batching;
using RpcGen.Client.Calls;
using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Client;

/// <summary>Passes replies, and requests that were returned or refused, to their pending messages. Thread-safe.</summary>
internal sealed class ReplyRouter(SlotTable<PendingMessage> table, BatchReplyReader batches, SentBackCalls sentBack, LongCallEvents longCalls, DroppedReplies dropped)
{
    /// <summary>A reply arrived.</summary>
    public void OnReply(in IncomingMessage reply)
    {
        MessageKind kind = MessageKinds.OfReply(reply.Type);
        if (kind == MessageKind.Batch)
        {
            batches.OnReplies(in reply);
        }
        else if (kind == MessageKind.Again)
        {
            sentBack.OnSentBack(in reply);
        }
        else if (kind == MessageKind.Open)
        {
            longCalls.OnOpen(in reply);
        }
        else if (longCalls.IsElsewhere(reply.CorrelationId))
        {
            dropped.AddLate(reply.CorrelationId);
        }
        else if (table.TryFind(new CorrelationId(reply.CorrelationId), out PendingMessage message, out long generation))
        {
            message.OnReply(generation, kind, in reply);
        }
        else
        {
            dropped.AddUnknown(reply.CorrelationId);
        }
    }

    /// <summary>The broker returned a request.</summary>
    public void OnReturned(in ReturnedMessage returned)
    {
        if (table.TryFind(new CorrelationId(returned.CorrelationId), out PendingMessage message, out long generation))
        {
            message.OnReturned(generation, in returned);
        }
    }

    /// <summary>A queue refused a request.</summary>
    public void OnNacked(CorrelationId id)
    {
        if (table.TryFind(id, out PendingMessage message, out long generation))
        {
            message.OnNacked(generation);
        }
    }
}
