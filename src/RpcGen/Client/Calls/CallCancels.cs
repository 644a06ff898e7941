using RpcGen.Client.Cancelling;
using RpcGen.Transport;

namespace RpcGen.Client.Calls;

/// <summary>Makes the cancellations of calls. For the thread that completed the call.</summary>
internal static class CallCancels
{
    /// <summary>The cancellation of the copy of an answered call that was sent again; null without a copy, or if the copy itself was answered.</summary>
    public static InstanceMessage? OfCopy(PendingCall call, CallStage was, CorrelationId answered) =>
        call.IsSentBack && was == CallStage.Sent && call.Sending != answered ? Of(call) : null;

    /// <summary>The cancellation of a call that was sent.</summary>
    public static InstanceMessage? Of(PendingCall call) =>
        call.Link is { } link ? new InstanceMessage(call.Route.Queue, link.ReplyTo, call.Id, call.RemainingMilliseconds()) : null;
}
