using RpcGen.Client.Cancelling;
using RpcGen.Protocol;
using RpcGen.Streams;
using RpcGen.Streams.LongCalls;
using RpcGen.Transport;

namespace RpcGen.Client.Calls;

/// <summary>Decides what each event means for a call that takes long. As long as no call does, each question costs one comparison. Thread-safe.</summary>
/// <param name="table">The pending messages.</param>
/// <param name="replies">Reads replies.</param>
/// <param name="failures">Creates exceptions.</param>
/// <param name="dropped">Gets what no call waits for.</param>
/// <param name="instances">Cancels copies of calls.</param>
internal sealed class LongCallEvents(SlotTable<PendingMessage> table, ReplyReader replies, CallExceptions failures, DroppedReplies dropped, InstanceSender instances) : ILongCallEvents
{
    private AwaitedCalls? _awaited;

    /// <summary>The long calls of the connection; null if servers are not listened to. Set before the first call.</summary>
    public AwaitedCalls? Awaited
    {
        get => _awaited;
        set
        {
            _awaited = value;
            value?.Search = Search;
        }
    }

    /// <summary>Sends calls again whose server is lost. Set before the first call.</summary>
    public ISentBackSender? SentBack { get; set; }

    /// <summary>A server has announced that it runs a call. A message that cannot be read changes nothing: the call goes on as if nothing had been announced.</summary>
    public void OnOpen(in IncomingMessage open)
    {
        var id = new CorrelationId(open.CorrelationId);
        if (Awaited is null || open.RoutingKey is not { Length: > 0 } replyTo || !table.TryFind(id, out PendingMessage message, out long generation) || message is not PendingCall call)
        {
            dropped.AddUnknown(open.CorrelationId);
            return;
        }

        var announced = new PendingLongCall(this, call, generation, id, replyTo);
        if (announced.IsOver)
        {
            dropped.AddLate(open.CorrelationId);
            return;
        }

        try
        {
            Awaited.OnOpen(announced, in open);
        }
#pragma warning disable CA1031 // Peers can send anything. The link must go on.
        catch (Exception)
#pragma warning restore CA1031
        {
            dropped.AddUnknown(open.CorrelationId);
        }
    }

    /// <summary>Whether a reply that has come to the callback queue is to be ignored: it is that of a server which is not the one that has taken the call over.</summary>
    public bool IsElsewhere(string? correlationId) => Awaited is { IsAny: true } awaited && awaited.IsAdopted(new CorrelationId(correlationId));

    /// <summary>A request came back. True if its call is not to be sent again: its server answers it, or will say whether it does.</summary>
    public bool TryHoldBack(CorrelationId id) => Awaited is { IsAny: true } awaited && awaited.TryHoldBack(id);

    /// <summary>The callback queue of a call is lost. True if the call goes on: its server knows another way.</summary>
    public bool Survives(CorrelationId id) => Awaited is { IsAny: true } awaited && awaited.TryDetach(id);

    /// <inheritdoc/>
    public void OnReply(PendingCall call, long generation, in IncomingMessage reply)
    {
        (IBatchFeedback? batching, long ticket) = (call.Batching, call.BatchTicket);
        if (!call.TryComplete(generation, out CallStage was))
        {
            dropped.AddLate(reply.CorrelationId);
            return;
        }

        InstanceMessage? copy = CallCancels.OfCopy(call, was, answered: default);
        batching?.Learn(BatchHint.Unbatchable);
        replies.Read(call, MessageKinds.OfReply(reply.Type), in reply);
        batching?.OnMessageOver(ticket);
        if (copy is not null)
        {
            instances.Send(copy);
        }
    }

    /// <inheritdoc/>
    public void OnEnded(PendingCall call, long generation, AwaitedEnd end)
    {
        if (!call.TryPin(generation))
        {
            return; // it has its outcome
        }

        if (call.IsOverdue)
        {
            call.OnDeadline(generation); // the server gave the call up at its deadline, and said so before the timer of this side fired
        }
        else if (IsSentAgain(call, end))
        {
            SentBack!.SendAgain(call, generation);
        }
        else if (call.TryComplete(generation))
        {
            call.SetException(failures.ServerLost(call.Identity, end));
        }

        call.Unpin();
    }

    /// <summary>Both sides can be connected again at the same time, and neither then knows the other's queue. The instance that knows the name answers.</summary>
    private void Search(string requestQueue, string ownQueue, string ownInstance) =>
        instances.Send(new InstanceMessage(requestQueue, ownQueue, new CorrelationId(ownInstance), (long)StreamBeat.Default.TotalMilliseconds, StreamMessageKinds.Waiting));

    /// <summary>
    /// A request that came back, and one whose server has ended, is sent again like any other that the broker delivers again. A server that hangs, or has given
    /// the call up, may still run it: only calls that can run twice are sent again then.
    /// </summary>
    private static bool IsSentAgain(PendingCall call, AwaitedEnd end) =>
        call.Method.IsIdempotent || end is AwaitedEnd.SentBack || (end is AwaitedEnd.Gone && !call.Method.IsAtMostOnce);
}
