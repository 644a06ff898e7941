using CsCheck;
using RpcGen.Server.Acknowledging;
using RpcGen.Tests.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Server.Acknowledging;

/// <summary>Every move of the table at <see cref="AckTracker"/>.</summary>
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

            await acks.WhenIdleAsync().WaitAsync(Bounds.Soon);
            return Acknowledged(channel, sample.count).Order().SequenceEqual(sample.order.Take(sample.ended).Order().Select(tag => (ulong)tag));
        });

    [Fact]
    public async Task A_message_that_the_broker_regards_as_acknowledged_is_not_acknowledged()
    {
        using AckTracker acks = Create();
        Delivery delivery = Add(acks, 0);
        Assert.Equal((AckState.Settled, false), (delivery.Ack, delivery.IsInOrder));

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
        acks.MakeDueEarly(delivery);
        Assert.Equal(AckState.Due, delivery.Ack);
        acks.Flush();
        Time.Advance(TimeSpan.FromMilliseconds(1));
        await Channel.NextAckAsync();
        await TaskBounds.Until(() => delivery.Ack == AckState.Settled);

        acks.End(delivery, acknowledge: true);

        await acks.WhenIdleAsync().Soon();
        Assert.Equal(["ack 1"], Channel.Events);
    }

    [Fact]
    public async Task A_rejected_delivery_is_not_acknowledged_and_does_not_hold_up_others()
    {
        using AckTracker acks = Create();
        Delivery rejected = Add(acks, 1);
        Delivery[] others = [Add(acks, 2), Add(acks, 3)];

        Assert.True(await acks.RejectAsync(rejected).Soon());
        Assert.Equal((AckState.Settled, false), (rejected.Ack, rejected.IsInOrder));
        acks.End(rejected, acknowledge: true);
        acks.End(others[0], acknowledge: true);
        acks.End(others[1], acknowledge: true);
        await acks.WhenIdleAsync().Soon();

        Assert.Equal(["reject 1", "ack 3 multiple"], Channel.Events);
    }

    [Fact]
    public async Task A_rejected_delivery_leaves_the_order_at_once()
    {
        using AckTracker acks = Create();
        Delivery oldest = Add(acks, 1);
        Delivery rejected = Add(acks, 2);
        await acks.RejectAsync(rejected).Soon();
        acks.End(rejected, acknowledge: true);

        Assert.False(rejected.IsInOrder);
        Assert.True(oldest.IsInOrder);
        Assert.Same(rejected, Add(acks, 3)); // ended: its object is used again
    }

    [Fact]
    public async Task Behind_one_slow_call_objects_and_bodies_are_used_again()
    {
        using AckTracker acks = Create();
        var objects = new HashSet<Delivery> { Add(acks, 1) };
        for (ulong tag = 2; tag <= 1_000; tag++)
        {
            Delivery quick = acks.Add(new IncomingMessage { DeliveryTag = tag, Body = new byte[100] }, receivedAt: 0, maxBodyBytes: 100);
            objects.Add(quick);
            acks.End(quick, acknowledge: true);
            if (tag % 10 == 0)
            {
                acks.Flush();
                Time.Advance(TimeSpan.FromMilliseconds(1));
                await TaskBounds.Until(() => quick.Ack == AckState.Settled);
            }
        }

        Assert.InRange(objects.Count, 2, 40);
    }

    [Fact]
    public void A_kept_delivery_gives_its_body_back()
    {
        using AckTracker acks = Create();
        Delivery kept = acks.Add(new IncomingMessage { DeliveryTag = 1, Body = new byte[100] }, receivedAt: 0, maxBodyBytes: 100);

        acks.End(kept, acknowledge: false);

        Assert.Equal(0, kept.Body.Length);
    }

    [Fact]
    public async Task Any_order_of_endings_acknowledges_each_delivery_once_and_leaves_nothing()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var channel = new ScriptedChannel();
            using var acks = new AckTracker(channel, Time, prefetch: 4);
            Delivery[] deliveries = [.. Enumerable.Range(1, 30).Select(tag => Add(acks, (ulong)tag))];
            random.Shuffle(deliveries);
            foreach (Delivery delivery in deliveries)
            {
                acks.End(delivery, acknowledge: true);
                if (random.Next(3) == 0)
                {
                    acks.Flush();
                }
            }

            await acks.WhenIdleAsync().Soon();

            Assert.Equal(30, Acknowledged(channel, delivered: 30).Count);
        }
    }

    [Fact]
    public async Task Acknowledging_does_not_overtake_a_rejection()
    {
        var rejecting = new TaskCompletionSource();
        Channel.Before = what => what.StartsWith("reject", StringComparison.Ordinal) ? rejecting.Task : Task.CompletedTask;
        using AckTracker acks = Create();
        Delivery rejected = Add(acks, 1);
        ValueTask<bool> rejection = acks.RejectAsync(rejected);
        acks.End(Add(acks, 2), acknowledge: true);
        acks.End(Add(acks, 3), acknowledge: true);
        Task idle = acks.WhenIdleAsync();

        Assert.Equal((2UL, false), await Channel.NextAckAsync());
        Assert.Equal((3UL, false), await Channel.NextAckAsync());
        rejecting.SetResult();
        Assert.True(await rejection.Soon());
        acks.End(rejected, acknowledge: true);
        await idle.Soon();
    }

    [Fact]
    public async Task A_delivery_acknowledged_early_is_not_rejected()
    {
        using AckTracker acks = Create();
        Delivery delivery = Add(acks, 1);
        acks.MakeDueEarly(delivery);

        Assert.True(await acks.RejectAsync(delivery).Soon());

        Assert.Empty(Channel.Events);
    }

    [Fact]
    public async Task A_rejection_on_a_closedChannel_leaves_the_message_with_the_broker()
    {
        using AckTracker acks = Create();
        Delivery delivery = Add(acks, 1);
        Channel.Close();

        Assert.False(await acks.RejectAsync(delivery).Soon());
        Assert.Equal(AckState.Pending, delivery.Ack);
        acks.End(delivery, acknowledge: false);
        await acks.WhenIdleAsync().Soon();
    }

    [Fact]
    public async Task Objects_are_used_again_once_ended_and_acknowledged()
    {
        using AckTracker acks = Create(prefetch: 1);
        Delivery first = Add(acks, 1);
        acks.MakeDueEarly(first);
        acks.Flush();
        await Channel.NextAckAsync();
        await TaskBounds.Until(() => !first.IsInOrder);
        Delivery second = Add(acks, 2);
        Assert.NotSame(first, second); // acknowledged, but its call still runs

        acks.End(first, acknowledge: true);

        Assert.Same(first, Add(acks, 3));
        Assert.Equal(AckState.Pending, first.Ack);
    }
}
