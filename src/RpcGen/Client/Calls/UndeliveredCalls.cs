using RpcGen.Client.Probing;
using RpcGen.Diagnostics;

namespace RpcGen.Client.Calls;

/// <summary>
/// Calls whose request no queue took. The broker does not say why: it returns a message as unroutable if there is no queue, and also
/// if the queue's node is down; and it refuses a message if the queue is full, and also if the queue has failed. An
/// inspection of the queue tells these apart. Thread-safe.
/// </summary>
internal sealed class UndeliveredCalls(CallSender sender, CallExceptions failures, QueueProbe probe)
{
    /// <summary>The broker returned the request.</summary>
    public void OnReturned(PendingCall call, long generation, string reason)
    {
        if (!call.TryPin(generation))
        {
            return;
        }

        RpcMetrics.CallsReturned.Add(1, RpcMetrics.Method(call.Label));
        if (call.Attempts > 1 || call.IsSentBack)
        {
            // The queue existed at an earlier attempt. Its server declares it again once it is connected again.
            _ = sender.SendAgainAfterPauseAsync(call, generation);
        }
        else
        {
            _ = EndAsync(call, generation, reason);
        }

        call.Unpin();
    }

    /// <summary>The queue refused the request.</summary>
    public void OnNacked(PendingCall call, long generation)
    {
        if (call.TryPin(generation))
        {
            RpcMetrics.CallsRefused.Add(1);
            call.Confirms?.OnRefused();
            _ = EndAsync(call, generation, returned: null);
            call.Unpin();
        }
    }

    /// <summary>Ends the call once its queue is inspected, unless another attempt has begun meanwhile. Never fails.</summary>
    /// <param name="call">The call, pinned until this returns.</param>
    /// <param name="generation">The use.</param>
    /// <param name="returned">Why the request was returned; null if it was refused.</param>
    private async Task EndAsync(PendingCall call, long generation, string? returned)
    {
        SendTicket ticket = call.Ticket;
        QueueReport report = await probe.InspectAsync(call.Route.Queue).ConfigureAwait(false);
        if (!call.TryPin(generation))
        {
            return;
        }

        if (call.Ticket == ticket && call.TryCompleteSent(generation))
        {
            call.SetException(returned is null
                ? failures.QueueRefused(call.Identity, earlierAttempts: call.Attempts - 1, report)
                : failures.NoQueue(call.Identity, call.Route, returned, report));
        }

        call.Unpin();
    }
}
