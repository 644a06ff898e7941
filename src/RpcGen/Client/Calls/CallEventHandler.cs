using RpcGen.Client.Cancelling;
using RpcGen.Client.Confirming;
using RpcGen.Client.Probing;
using RpcGen.Diagnostics;
using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Client.Calls;

/// <summary>
/// Decides what each event means for a call: an outcome, or another attempt. Every ending of a call is here, and
/// each ending must first win <see cref="PendingMessage.TryComplete(long, out CallStage)"/>, so a call ends once. Thread-safe.
/// </summary>
internal sealed class CallEventHandler(
    string broker, CallLinks links, CallSender sender, ReplyReader replies, CallExceptions failures, QueueProbe probe, InstanceSender instances, DroppedReplies dropped, LongCallEvents longCalls)
    : ICallEvents
{
    /// <summary>How many refusals of its exchange a call survives.</summary>
    private const int MaxRefusals = 2;

    private readonly UndeliveredCalls _undelivered = new(sender, failures, probe);

    public void OnReply(PendingCall call, long generation, MessageKind kind, in IncomingMessage reply)
    {
        // Read before the caller has the outcome: right after that, the call's object can be in use for another call.
        (IBatchFeedback? batching, long ticket) = (call.Batching, call.BatchTicket);
        if (!call.TryComplete(generation, out CallStage was))
        {
            dropped.AddLate(reply.CorrelationId);
            return;
        }

        InstanceMessage? copy = CallCancels.OfCopy(call, was, answered: default);
        batching?.Learn(BatchHints.Read(reply.ContentType));
        call.Confirms?.OnAnswered(call.IsConfirmed, isFree: ConfirmHints.IsIn(reply.ContentType));
        replies.Read(call, kind, in reply);
        batching?.OnMessageOver(ticket);
        Cancel(copy);
    }

    /// <summary>The call's reply is an entry of a batch.</summary>
    /// <returns>False if the call has its outcome already.</returns>
    public bool OnBatchedReply(PendingCall call, long generation, CorrelationId batch, string? type, ReadOnlyMemory<byte> payload, bool isQuick)
    {
        ConfirmPolicy? doubtful = call.Confirms is { Mode: ConfirmMode.Asking } && call.IsConfirmed ? call.Confirms : null;
        if (!call.TryComplete(generation, out CallStage was))
        {
            return false;
        }

        InstanceMessage? copy = CallCancels.OfCopy(call, was, answered: batch);
        call.Batching?.Learn(isQuick ? BatchHint.Batchable : BatchHint.Unbatchable);
        doubtful?.OnAnswered(wasAsked: true, isFree: false);
        ReplyReader.Read(call, MessageKinds.OfReply(type), type, payload);
        Cancel(copy);
        return true;
    }

    /// <summary>The server refused the batch that the call is in: its one fault answers each of the calls.</summary>
    public void OnBatchRefused(PendingCall call, long generation, MessageKind kind, in IncomingMessage reply)
    {
        if (call.TryComplete(generation))
        {
            replies.Read(call, kind, in reply);
        }
    }

    /// <inheritdoc/>
    public void OnReturned(PendingCall call, long generation, in ReturnedMessage returned) => _undelivered.OnReturned(call, generation, returned.Reason);

    /// <inheritdoc/>
    public void OnNacked(PendingCall call, long generation) => _undelivered.OnNacked(call, generation);

    /// <inheritdoc/>
    public void OnRefused(PendingCall call, long generation, CallLink link, TransportRefusedException refusal)
    {
        if (!call.TryPin(generation))
        {
            return;
        }

        if (refusal.Code == AmqpReplyCodes.NotFound && call.Attempts > 0)
        {
            // The exchange existed at an earlier attempt. Its server declares it again once it is connected again.
            link.Exchanges.ProbeAgain(call.Route.Exchange);
        }
        else if (call.TryCompleteWaiting(generation))
        {
            call.SetException(failures.Refused(call.Identity, call.Route, call.Attempts, refusal));
        }

        call.Unpin();
    }

    /// <summary>The broker does not allow the connection's user to open a link, so no call can be sent.</summary>
    public void OnLinkRefused(PendingCall call, long generation, TransportRefusedException refusal)
    {
        if (call.TryPin(generation))
        {
            if (call.TryCompleteWaiting(generation))
            {
                call.SetException(failures.LinkRefused(call.Identity, call.Attempts, refusal));
            }

            call.Unpin();
        }
    }

    /// <inheritdoc/>
    public void OnNotSent(PendingCall call, long generation, CallLink link) => sender.ResendUnsent(call, generation, link);

    /// <inheritdoc/>
    public void OnSendFailed(PendingCall call, long generation, Exception exception)
    {
        if (call.TryComplete(generation))
        {
            call.SetException(exception is ArgumentException unsendable
                ? CallExceptions.Unsendable(call.Identity, call.Attempts, unsendable)
                : failures.SendFailed(call.Identity, exception));
        }
    }

    /// <inheritdoc/>
    public void OnLinkLost(PendingCall call, long generation, CallLink link, string reason)
    {
        if (call.Link != link || longCalls.Survives(call.Id))
        {
            return; // it was sent again on another link already, or its server answers through another queue
        }

        if (link.Refusal is { } refusal && RetriesRefused(call, generation, link, refusal))
        {
            return;
        }

        if (link.ExceededLimit is { } limit && (OversizedCalls.TryEndSent(call, generation, limit) || ResendsLast(call, generation, link)))
        {
            return;
        }

        if (!call.Method.IsIdempotent)
        {
            if (call.TryCompleteSent(generation))
            {
                link.LostCalls.AddFailed();
                call.SetException(failures.LinkLost(call.Identity, link.Node, reason));
            }
        }
        else if (call.TryMove(generation, CallStage.Sent, CallStage.Waiting))
        {
            RpcMetrics.CallsResent.Add(1, RpcMetrics.Method(call.Label));
            link.LostCalls.AddResent();
            sender.SendOnNewLink(link, call, generation);
        }
    }

    /// <summary>
    /// The broker refused a message of the link, and does not say which one. It did not take the last message, so its calls are
    /// sent again, even if they must not run twice. If their exchange is the refused one, the next link's probe shows it.
    /// </summary>
    /// <returns>Whether the event is handled.</returns>
    private bool RetriesRefused(PendingCall call, long generation, CallLink link, TransportClosure refusal)
    {
        if (!call.TryPin(generation))
        {
            return true; // it has its outcome
        }

        bool isNamed = refusal.Reason.Contains($"'{PermissionRefusals.NameOf(call.Route.Exchange)}'", StringComparison.Ordinal);
        bool isLast = call.Ticket.IsNotTaken;
        bool isHandled = false;
        if (isNamed && ++call.Refusals > MaxRefusals)
        {
            // The broker accepts the probe but not the call, for example because of a topic permission.
            int earlier = call.Attempts - (isLast ? 1 : 0);
            isHandled = call.TryCompleteSent(generation);
            if (isHandled)
            {
                call.SetException(failures.Refused(call.Identity, call.Route, earlier, new TransportRefusedException(refusal.ReplyCode, refusal.Reason)));
            }
        }
        else if (isLast)
        {
            sender.ResendUnsent(call, generation, link);
            isHandled = true;
        }

        call.Unpin();
        return isHandled;
    }

    /// <summary>The broker refused a message of the link because of its size. The last message was certainly not taken.</summary>
    private bool ResendsLast(PendingCall call, long generation, CallLink link)
    {
        bool isLast = call.TryPin(generation);
        if (isLast)
        {
            isLast = call.Ticket.IsNotTaken;
            call.Unpin();
        }

        if (isLast)
        {
            sender.ResendUnsent(call, generation, link);
        }

        return isLast;
    }

    /// <inheritdoc/>
    public void OnDeadlineNear(PendingCall call)
    {
        if (links.Current is not null)
        {
            _ = probe.InspectAsync(call.Route.Queue); // so that the timeout's message can say why no reply came
        }
    }

    /// <inheritdoc/>
    public void OnDeadline(PendingCall call, long generation)
    {
        if (!call.TryComplete(generation, out CallStage was))
        {
            return;
        }

        OverdueWatch.OnGivenUp(call, was, isExpired: true);
        CallLink? link = links.Current;
        CallIdentity identity = call.Identity;
        int earlierAttempts = call.Attempts - (was == CallStage.Sent ? 1 : 0);
        call.SetException(CallExceptions.Expired(identity, new TimeoutReport(identity.ToString(), identity.Queue, broker, call.Timeout, call.Origin == CallOrigin.OwnService)
        {
            Sent = earlierAttempts > 0 ? SentState.Lost : was == CallStage.Sent ? SentState.Sent : SentState.NotSent,
            IsInFlight = was == CallStage.Sent,
            UnavailableReason = link is null ? links.UnavailableReason : null,
            BlockedReason = link?.BlockedReason,
            Confirm = was == CallStage.Sent && call.IsConfirmed ? call.Link!.Confirmed.StateOf(call.Sending) : ConfirmState.NotAsked,
            HasQueueRefused = call.Confirms?.HasRefused == true,
            Queue = probe.Latest(identity.Queue),
        }));
    }

    /// <inheritdoc/>
    public void OnCancelled(PendingCall call, long generation, CancellationToken cancellationToken)
    {
        if (!call.TryComplete(generation, out CallStage was))
        {
            return;
        }

        OverdueWatch.OnGivenUp(call, was, isExpired: false);
        InstanceMessage? cancelled = was == CallStage.Sent && call.Route.BodyStyle != RpcBodyStyle.Bare ? CallCancels.Of(call) : null;
        call.SetException(new OperationCanceledException(cancellationToken));
        Cancel(cancelled);
    }

    /// <summary>The caller asked to fail fast, and the queue has no consumer.</summary>
    public void OnUnserved(PendingCall call, long generation, QueueReport report)
    {
        if (call.TryComplete(generation))
        {
            call.SetException(failures.NoConsumer(call.Identity, report));
        }
    }

    /// <summary>The connection is disposed.</summary>
    public void OnDisposed(PendingCall call, long generation)
    {
        if (call.TryComplete(generation, out CallStage was))
        {
            call.SetException(failures.Disposed(call.Identity, wasSent: was == CallStage.Sent || call.Attempts > 0));
        }
    }

    private void Cancel(InstanceMessage? cancelled)
    {
        if (cancelled is not null)
        {
            instances.Send(cancelled);
        }
    }

    /// <summary>The connection was disposed before the call.</summary>
    public static void OnStartedAfterDisposal(PendingCall call, long generation)
    {
        if (call.TryComplete(generation))
        {
            call.SetException(CallExceptions.ConnectionDisposed());
        }
    }
}
