using RpcGen.Generated;

namespace RpcGen.Client;

/// <summary>
/// A message that several calls share, until a reply shows that its server has taken it. Each call has its own outcome;
/// this one stands for what happens to the message as a whole: it comes back, or its server can't read it.
/// </summary>
internal sealed class PendingBatch(CallSession session, CallLane lane) : PendingCall(session)
{
    private readonly List<(PendingCall Call, long Generation)> _calls = [];

    public CallLane Lane => lane;

    /// <summary>The calls, each with the use of its object that is meant.</summary>
    public IReadOnlyList<(PendingCall Call, long Generation)> Calls => _calls;

    /// <summary>Adds a call to what is about to be sent.</summary>
    public void Add(PendingCall call, long generation) => _calls.Add((call, generation));

    /// <summary>Starts a use of this object for calls that go on for no longer than until <paramref name="deadline"/>.</summary>
    public new long Begin(RpcMethod method, ServiceAddress service, TimeSpan timeout, long deadline) => base.Begin(method, service, timeout, deadline);

    /// <summary>The message is no longer of interest as such.</summary>
    public void TryFinishUse(long generation)
    {
        if (TryFinish(generation))
        {
            End();
        }
    }

    public override void SetReply(ReadOnlyMemory<byte> body) => End();

    public override void SetException(Exception exception) => End();

    /// <summary>Forgets the calls.</summary>
    public void Clear() => _calls.Clear();

    protected override void Recycle() => lane.Return(this);

    private void End()
    {
        TryMove(Current.Generation, CallStage.Done, CallStage.Idle);
        Release();
    }
}
