using RpcGen.Client.Calls;
using RpcGen.Diagnostics;
using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Client.Batching;

/// <summary>
/// Sends calls again that a server sent back instead of running them: those that are pending and whose latest attempt was the
/// message that came back. They travel in batches, whose ids name the attempt: another reply to the same message changes
/// nothing. What remains of a call's time is its budget. Thread-safe.
/// </summary>
/// <param name="batches">Sends the batches.</param>
/// <param name="pool">The batches.</param>
/// <param name="dropped">Gets what no call waits for.</param>
/// <param name="table">The pending messages.</param>
/// <param name="longCalls">Knows the calls that a server has taken over.</param>
internal sealed class SentBackCalls(BatchSender batches, BatchPool pool, DroppedReplies dropped, SlotTable<PendingMessage> table, LongCallEvents longCalls)
    : ICallSender, ISentBackSender, IBatchOwner
{
    /// <summary>How often a call that may have run is sent back before it fails, because it may be what kills its servers.</summary>
    public const int MaxTimes = 3;

    /// <summary>A server sent a message back.</summary>
    public void OnSentBack(in IncomingMessage reply)
    {
        var taken = new Taken(new CorrelationId(reply.CorrelationId).Normalize(), reply.IsUnreadable || AgainMessages.MayHaveRun(reply.Body));
        bool isKnown = table.TryFind(taken.Message, out PendingMessage found, out long generation) && found.TryPin(generation);
        if (!isKnown)
        {
            TakeRest(taken);
        }
        else
        {
            TakeMessage(taken, found, generation);
            found.Unpin();
        }

        if (!taken.IsAwaited)
        {
            dropped.AddLate(reply.CorrelationId);
        }
        else if (taken.Route is { } route)
        {
            Send(taken.Calls, route);
        }
    }

    /// <inheritdoc/>
    public void SendAgain(PendingCall call, long generation)
    {
        var taken = new Taken(call.Sending, mayHaveRun: true);
        Take(taken, call, generation);
        if (taken.Route is { } route)
        {
            Send(taken.Calls, route);
        }
    }

    /// <inheritdoc/>
    public void TrySend(PendingCall call, long generation)
    {
        if (call.TryPin(generation))
        {
            Send([(call, generation)], call.Route);
            call.Unpin();
        }
    }

    /// <summary>Does nothing: no batcher waits for these messages.</summary>
    void IBatchOwner.OnMessageOver(long ticket)
    {
    }

    /// <summary>Another server cannot read the batch: its calls are sent by themselves from then on.</summary>
    void IBatchOwner.Pause()
    {
    }

    /// <summary>Sends calls of one route in one batch: they came in one message, or it is a single call.</summary>
    private void Send(List<(PendingCall Call, long Generation)> calls, RequestRoute route)
    {
        PendingBatch batch = pool.Rent(this);
        calls.ForEach(call => batch.Add(call.Call, call.Generation));
        if (!batches.TrySendBatch(batch, route.Exchange))
        {
            batch.Drop(); // its calls wait for a link, or have their outcomes
        }
    }

    private void TakeMessage(Taken taken, PendingMessage message, long generation)
    {
        if (message is PendingBatch batch)
        {
            foreach ((PendingCall call, long use) in batch.Calls)
            {
                TakePinned(taken, call, use);
            }

            batch.Owner.OnMessageOver(batch.Ticket);
            batch.Finish(generation);
        }
        else
        {
            var call = (PendingCall)message;
            IBatchFeedback? batching = call.Batching;
            long ticket = call.BatchTicket;
            Take(taken, call, generation);
            batching?.OnMessageOver(ticket); // the batcher need not wait for this message any longer
        }
    }

    /// <summary>A batch is over with its first reply, but some of its calls can still wait for theirs.</summary>
    private void TakeRest(Taken taken)
    {
        foreach (PendingMessage pending in table.Snapshot())
        {
            (long generation, CallStage stage) = pending.Current;
            if (stage == CallStage.Sent && pending is PendingCall call)
            {
                TakePinned(taken, call, generation);
            }
        }
    }

    private void TakePinned(Taken taken, PendingCall call, long generation)
    {
        if (call.TryPin(generation))
        {
            Take(taken, call, generation);
            call.Unpin();
        }
    }

    private void Take(Taken taken, PendingCall call, long generation)
    {
        if (call.Sending == taken.Message && longCalls.TryHoldBack(call.Id))
        {
            taken.IsAwaited = true;
            return;
        }

        if (!call.TryTakeSentBack(generation, taken.Message, taken.MayHaveRun))
        {
            return;
        }

        taken.IsAwaited = true;
        if (taken.MayHaveRun && (call.Method.IsAtMostOnce || call.TimesSentBack >= MaxTimes))
        {
            if (call.TryComplete(generation))
            {
                call.SetException(CallExceptions.SentBack(call.Identity, call.TimesSentBack));
            }
        }
        else
        {
            RequestRoute route = call.Route;
            CallLabel label = call.Label;
            if (call.TryMove(generation, CallStage.Sending, CallStage.Waiting))
            {
                RpcMetrics.CallsResent.Add(1, RpcMetrics.Method(label));
                taken.Route = route;
                taken.Calls.Add((call, generation));
            }
        }
    }

    /// <summary>The calls of a message that was sent back.</summary>
    /// <param name="message">The message's id.</param>
    /// <param name="mayHaveRun">Whether they may have run.</param>
    private sealed class Taken(CorrelationId message, bool mayHaveRun)
    {
        public CorrelationId Message => message;

        public bool MayHaveRun => mayHaveRun;

        public List<(PendingCall Call, long Generation)> Calls { get; } = [];

        /// <summary>Whether any call waited for a reply to the message.</summary>
        public bool IsAwaited { get; set; }

        /// <summary>The route of the calls; null if no call is to be sent.</summary>
        public RequestRoute? Route { get; set; }
    }
}
