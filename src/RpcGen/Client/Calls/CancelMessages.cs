using RpcGen.Client.Cancelling;
using RpcGen.Transport;

namespace RpcGen.Client.Calls;

/// <summary>Messages that cancel calls at their servers.</summary>
internal static class CancelMessages
{
    /// <summary>Cancels a call; null if no link knows its callback queue.</summary>
    public static InstanceMessage? Of(PendingCall call) =>
        call.Link is { } link ? new InstanceMessage(call.Route.Queue, link.ReplyTo, call.Id, call.RemainingMilliseconds()) : null;

    /// <summary>Cancels the copy of an answered call that was sent again; null without a copy, or if the copy itself was answered.</summary>
    public static InstanceMessage? OfCopy(PendingCall call, CallStage was, CorrelationId answered) =>
        call.IsSentBack && was == CallStage.Sent && call.Sending != answered ? Of(call) : null;
}
