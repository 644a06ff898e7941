using CsCheck;
using RpcGen.Server.Acknowledging;

namespace RpcGen.Tests.Server.Acknowledging;

/// <summary>Deliveries that end are acknowledged once, others never.</summary>
public sealed class AckTrackerTests : AckTrackerTest
{
    [Fact]
    public void Every_ended_delivery_is_acknowledged_once_and_no_other() =>
        Gen.Int[1, 40].SelectMany(count => Gen.Shuffle(Enumerable.Range(1, count).ToArray())
            .Select(Gen.Int[0, count], (order, ended) => (count, order, ended)))
        .SampleAsync(async sample =>
        {
            var channel = new ScriptedChannel();
            using var acks = new AckTracker(channel, TimeProvider.System, prefetch: 64);
            Delivery[] deliveries = [.. Enumerable.Range(1, sample.count).Select(tag => Add(acks, (ulong)tag))];
            foreach (int tag in sample.order.Take(sample.ended))
            {
                acks.End(deliveries[tag - 1], acknowledge: true);
            }

            foreach (int tag in sample.order.Skip(sample.ended))
            {
                acks.End(deliveries[tag - 1], acknowledge: false);
            }

            await acks.WhenIdleAsync().WaitAsync(TimeSpan.FromSeconds(30));
            return Acknowledged(channel, sample.count).Order().SequenceEqual(sample.order.Take(sample.ended).Order().Select(tag => (ulong)tag));
        });

    [Fact]
    public async Task It_is_idle_when_the_last_delivery_has_ended_even_if_all_were_acknowledged_early()
    {
        using AckTracker acks = Create();
        Delivery[] deliveries = [.. Enumerable.Range(1, 5).Select(tag => Add(acks, (ulong)tag))];
        foreach (Delivery delivery in deliveries)
        {
            acks.AcknowledgeEarly(delivery);
        }

        Task idle = acks.WhenIdleAsync();
        foreach (Delivery delivery in deliveries)
        {
            Assert.False(idle.IsCompleted);
            acks.End(delivery, acknowledge: true);
        }

        await idle.Soon();
        Assert.Equal([1UL, 2, 3, 4, 5], Acknowledged(Channel, 5).Order().ToArray());
    }

    [Fact]
    public async Task A_message_that_the_broker_regards_as_acknowledged_is_not_acknowledged()
    {
        using AckTracker acks = Create();
        Delivery delivery = Add(acks, 0);
        Assert.Equal((AckState.Sent, false), (delivery.Ack, delivery.IsInOrder));

        Assert.True(await acks.RejectAsync(delivery).Soon());
        acks.End(delivery, acknowledge: true);

        await acks.WhenIdleAsync().Soon();
        Assert.Empty(Channel.Events);
        Assert.Same(delivery, Add(acks, 1));
    }

    [Fact]
    public async Task The_oldest_run_is_one_acknowledgement_and_others_are_single()
    {
        using AckTracker acks = Create();
        Delivery[] deliveries = [.. Enumerable.Range(1, 6).Select(tag => Add(acks, (ulong)tag))];
        foreach (int tag in new[] { 6, 1, 2, 4 })
        {
            acks.End(deliveries[tag - 1], acknowledge: true);
        }

        _ = acks.WhenIdleAsync();

        Assert.Equal((2UL, true), await Channel.NextAckAsync());
        Assert.Equal((6UL, false), await Channel.NextAckAsync());
        Assert.Equal((4UL, false), await Channel.NextAckAsync());
    }

    [Fact]
    public async Task A_kept_delivery_is_never_included_in_an_acknowledgement()
    {
        using AckTracker acks = Create();
        Delivery kept = Add(acks, 1);
        Delivery[] others = [Add(acks, 2), Add(acks, 3)];
        acks.End(kept, acknowledge: false);
        acks.End(others[0], acknowledge: true);
        acks.End(others[1], acknowledge: true);

        await acks.WhenIdleAsync().Soon();

        Assert.Equal(["ack 2", "ack 3"], Channel.Events);
        Assert.Equal((AckState.Pending, true), (kept.Ack, kept.IsInOrder));
    }

    [Fact]
    public async Task A_delivery_acknowledged_early_is_acknowledged_once()
    {
        using AckTracker acks = Create();
        Delivery delivery = Add(acks, 1);
        acks.AcknowledgeEarly(delivery);
        Assert.Equal(AckState.Due, delivery.Ack);
        acks.Flush();
        Time.Advance(TimeSpan.FromMilliseconds(1));
        await Channel.NextAckAsync();
        await TaskBounds.Until(() => delivery.Ack == AckState.Sent);

        acks.End(delivery, acknowledge: true);

        await acks.WhenIdleAsync().Soon();
        Assert.Equal(["ack 1"], Channel.Events);
    }

    [Fact]
    public async Task On_a_closed_channel_it_becomes_idle_all_the_same()
    {
        using AckTracker acks = Create();
        Delivery[] deliveries = [Add(acks, 1), Add(acks, 2)];
        Channel.Close();
        acks.End(deliveries[1], acknowledge: true);
        acks.End(deliveries[0], acknowledge: true);

        await acks.WhenIdleAsync().Soon();
    }

    [Fact]
    public async Task Objects_are_used_again_once_ended_and_acknowledged()
    {
        using AckTracker acks = Create(prefetch: 1);
        Delivery first = Add(acks, 1);
        acks.AcknowledgeEarly(first);
        acks.Flush();
        await Channel.NextAckAsync();
        await TaskBounds.Until(() => !first.IsInOrder);
        Delivery second = Add(acks, 2);
        Assert.NotSame(first, second); // acknowledged, but its call still runs

        acks.End(first, acknowledge: true);

        Assert.Same(first, Add(acks, 3));
        Assert.Equal(AckState.Pending, first.Ack);
    }

    /// <summary>The tags that the broker regards as acknowledged; fails at a tag that is acknowledged twice, as the broker would.</summary>
    private static List<ulong> Acknowledged(ScriptedChannel channel, int delivered)
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
