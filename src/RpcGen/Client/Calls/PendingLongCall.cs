using RpcGen.Streams.LongCalls;
using RpcGen.Transport;

namespace RpcGen.Client.Calls;

/// <summary>One use of a <see cref="PendingCall"/> that a server has announced as long.</summary>
/// <param name="events">Decides what each event means.</param>
/// <param name="call">The call.</param>
/// <param name="generation">The use.</param>
/// <param name="id">The call's id in this use.</param>
/// <param name="replyTo">The queue that the announcement has come to.</param>
internal sealed class PendingLongCall(ILongCallEvents events, PendingCall call, long generation, CorrelationId id, string replyTo) : AwaitedCall(id, replyTo, call.Route.Queue)
{
    /// <inheritdoc/>
    public override bool IsOver => call.Current is var (current, stage) && (current != generation || stage is CallStage.Idle or CallStage.Done);

    /// <inheritdoc/>
    public override void OnReply(in IncomingMessage reply) => events.OnReply(call, generation, in reply);

    /// <inheritdoc/>
    public override void OnEnded(AwaitedEnd end) => events.OnEnded(call, generation, end);
}

/// <summary>Events of long calls. Each can come late: the generation says which use is meant.</summary>
internal interface ILongCallEvents
{
    /// <summary>The reply has come.</summary>
    void OnReply(PendingCall call, long generation, in IncomingMessage reply);

    /// <summary>The server does not answer the call.</summary>
    void OnEnded(PendingCall call, long generation, AwaitedEnd end);
}
