using Microsoft.Extensions.Time.Testing;
using RpcGen.Server.Acknowledging;
using RpcGen.Transport;

namespace RpcGen.Tests.Server.Acknowledging;

/// <summary>A tracker on a scripted channel, with simulated time.</summary>
public abstract class AckTrackerTest
{
    private protected ScriptedChannel Channel { get; } = new();

    private protected FakeTimeProvider Time { get; } = new();

    private protected AckTracker Create(int prefetch = 64) => new(Channel, Time, prefetch);

    private protected static Delivery Add(AckTracker acks, ulong tag) => acks.Add(new IncomingMessage { DeliveryTag = tag }, receivedAt: 0, maxBodyBytes: 0);

    /// <summary>The tags that the broker regards as acknowledged; fails at a tag that is acknowledged twice, as the broker would.</summary>
    private protected static List<ulong> Acknowledged(ScriptedChannel channel, int delivered)
    {
        var open = new SortedSet<ulong>(Enumerable.Range(1, delivered).Select(tag => (ulong)tag));
        var done = new List<ulong>();
        foreach (string[] ack in channel.Events.Select(text => text.Split(' ')))
        {
            ulong tag = ulong.Parse(ack[1]);
            Assert.Contains(tag, open);
            foreach (ulong acknowledged in ack.Length == 3 ? open.Where(other => other <= tag).ToArray() : [tag])
            {
                open.Remove(acknowledged);
                done.Add(acknowledged);
            }
        }

        return done;
    }
}
