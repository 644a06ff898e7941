using RpcGen.Diagnostics;
using RpcGen.Protocol;
using RpcGen.Server.Acknowledging;

namespace RpcGen.Server.Replying;

/// <summary>The replies to calls that came in messages of their own. One object serves all of a link's deliveries.</summary>
internal sealed class SingleReplies(ReplySender sender, AckTracker acks, TimeProvider time) : IReplyWriter
{
    public ValueTask<bool> WriteAsync(in CallReply reply)
    {
        bool isAsked = BatchHints.Read(reply.Delivery.ContentType) == BatchHint.Batchable;
        BatchHint hint = isAsked ? BatchAdvice.HintFor(BatchAdvice.HandlerTime(reply.StartedAt, time)) : BatchHint.None;
        using (RpcTracing.Enter(reply.Span))
        {
            return sender.SendAsync(in reply, hint);
        }
    }

    public Task FlushAsync() => Task.CompletedTask;

    public void Detach(Delivery held)
    {
        acks.MakeDueEarly(held);
        acks.Flush();
    }

    public void EndCall(Delivery ended, bool acknowledge, bool wasDetached = false) => acks.End(ended, acknowledge);
}
