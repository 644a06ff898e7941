using Microsoft.Extensions.Time.Testing;
using RpcGen.Client.Calls;

namespace RpcGen.Tests.Client.Calls;

/// <summary>The base of tests of pending calls: a call with its table of slots, and a recorder of its events.</summary>
public abstract class PendingCallTest
{
    private protected PendingCallTest() => Call = new PendingCall(Recorder, Recorder, Table, Time);

    private protected static RequestRoute Route { get; } = RequestRoute.ToQueue("q", RpcBodyStyle.Object);

    private protected FakeTimeProvider Time { get; } = new();

    private protected SlotTable<PendingMessage> Table { get; } = new(new CallIdCipher(high: 1, low: 2));

    private protected CallRecorder Recorder { get; } = new();

    private protected PendingCall Call { get; }
}
