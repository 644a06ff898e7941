using RpcGen.Client.Calls;
using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Tests.Client.Calls;

/// <summary>Records the events and outcomes of a pending call.</summary>
internal sealed class CallRecorder : ICallEvents, IReplyReceiver
{
    public List<long> Cancelled { get; } = [];

    public List<string> Lost { get; } = [];

    public List<long> Expired { get; } = [];

    public int Recycled { get; private set; }

    public int Completed { get; private set; }

    public Exception? Failure { get; private set; }

    public bool HasRoom { get; set; } = true;

    public void OnCancelled(PendingCall call, long generation, CancellationToken cancellationToken) => Cancelled.Add(generation);

    public void Read(ReadOnlySpan<byte> body)
    {
    }

    public void Complete() => Completed++;

    public void Fail(Exception exception) => Failure = exception;

    public bool TryRecycle()
    {
        Recycled++;
        return HasRoom;
    }

    public void OnReply(PendingCall call, long generation, MessageKind kind, in IncomingMessage reply) => throw new NotSupportedException();

    public void OnReturned(PendingCall call, long generation, in ReturnedMessage returned) => throw new NotSupportedException();

    public void OnNacked(PendingCall call, long generation) => throw new NotSupportedException();

    public void OnRefused(PendingCall call, long generation, CallLink link, TransportRefusedException refusal) => throw new NotSupportedException();

    public void OnNotSent(PendingCall call, long generation, CallLink link) => throw new NotSupportedException();

    public void OnSendFailed(PendingCall call, long generation, Exception exception) => throw new NotSupportedException();

    public void OnLinkLost(PendingCall call, long generation, CallLink link, string reason) => Lost.Add(reason);

    public void OnDeadlineNear(PendingCall call) => throw new NotSupportedException();

    public void OnDeadline(PendingCall call, long generation) => Expired.Add(generation);
}
