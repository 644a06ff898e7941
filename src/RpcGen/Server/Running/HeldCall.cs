using RpcGen.Server.Acknowledging;
using RpcGen.Server.Replying;
using RpcGen.Transport;

namespace RpcGen.Server.Running;

/// <summary>A call that was given up. Until it is settled, its thread does not end it: the delivery stays valid.</summary>
/// <param name="Delivery">The message that the call came in.</param>
/// <param name="Replies">Writes the reply.</param>
/// <param name="Id">The call's id.</param>
/// <param name="Type">The method.</param>
/// <param name="IsOneWay">Whether the caller expects no answer.</param>
/// <param name="HasStarted">Whether the call was started.</param>
/// <param name="IsCancelledByCaller">Whether the caller has cancelled the call.</param>
internal readonly record struct HeldCall(
    Delivery Delivery, IReplyWriter Replies, CorrelationId Id, string? Type, bool IsOneWay, bool HasStarted, bool IsCancelledByCaller)
{
    /// <summary>Describes a call that has not ended.</summary>
    public static HeldCall Of(ServerCall call) => new(
        call.Delivery, call.Replies, call.Id, call.Type, !call.IsBatched && string.IsNullOrEmpty(call.Delivery.ReplyTo), call.HasStarted, call.IsCancelledByCaller);
}
