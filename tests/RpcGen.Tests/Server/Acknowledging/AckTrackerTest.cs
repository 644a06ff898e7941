using Microsoft.Extensions.Time.Testing;
using RpcGen.Server.Acknowledging;
using RpcGen.Transport;

namespace RpcGen.Tests.Server.Acknowledging;

/// <summary>The base of tests that walk the moves of the table at <see cref="AckTracker"/>.</summary>
public abstract class AckTrackerTest
{
    private protected ScriptedChannel Channel { get; } = new();

    private protected FakeTimeProvider Time { get; } = new();

    private protected AckTracker Create(int prefetch = 64) => new(Channel, Time, prefetch);

    private protected static Delivery Add(AckTracker acks, ulong tag) => acks.Add(new IncomingMessage { DeliveryTag = tag }, receivedAt: 0, maxBodyBytes: 0);
}
