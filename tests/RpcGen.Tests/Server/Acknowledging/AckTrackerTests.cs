using CsCheck;
using Microsoft.Extensions.Time.Testing;
using RpcGen.Server.Acknowledging;
using RpcGen.Transport;

namespace RpcGen.Tests.Server.Acknowledging;

/// <summary>Every move of the table at <see cref="AckTracker"/>.</summary>
public sealed class AckTrackerTests
{
    private readonly ScriptedChannel _channel = new();
    private readonly FakeTimeProvider _time = new();

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
            acks.MakeDueEarly(delivery);
        }

        Task idle = acks.WhenIdleAsync();
        foreach (Delivery delivery in deliveries)
        {
            Assert.False(idle.IsCompleted);
            acks.End(delivery, acknowledge: true);
        }

        await idle.Soon();
        Assert.Equal([1UL, 2, 3, 4, 5], Acknowledged(_channel, 5).Order().ToArray());
    }

    [Fact]
    public async Task A_message_that_the_broker_regards_as_acknowledged_is_not_acknowledged()
    {
        using AckTracker acks = Create();
        Delivery delivery = Add(acks, 0);
        Assert.Equal((AckState.Settled, false), (delivery.Ack, delivery.IsInOrder));

        Assert.True(await acks.RejectAsync(delivery).Soon());
        acks.End(delivery, acknowledge: true);

        await acks.WhenIdleAsync().Soon();
        Assert.Empty(_channel.Events);
        Assert.Same(delivery, Add(acks, 1));
    }

    [Fact]
    public async Task While_the_broker_has_places_acknowledgements_are_collected_for_a_moment()
    {
        using AckTracker acks = Create();
        foreach (ulong tag in new ulong[] { 1, 2, 3 })
        {
            acks.End(Add(acks, tag), acknowledge: true);
            acks.Flush();
        }

        Assert.Empty(_channel.Events);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal((3UL, true), await _channel.NextAckAsync());
        acks.End(Add(acks, 4), acknowledge: true);
        acks.Flush();
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal((4UL, false), await _channel.NextAckAsync()); // the timer is set again
    }

    [Fact]
    public async Task The_moment_starts_with_the_first_acknowledgement()
    {
        using AckTracker acks = Create();
        acks.End(Add(acks, 1), acknowledge: true);
        acks.Flush();
        _time.Advance(TimeSpan.FromMicroseconds(600));
        acks.End(Add(acks, 2), acknowledge: true);
        acks.Flush();
        _time.Advance(TimeSpan.FromMicroseconds(400));

        Assert.Equal((2UL, true), await _channel.NextAckAsync());
    }

    [Fact]
    public async Task Without_due_acknowledgements_nothing_is_sent()
    {
        using AckTracker acks = Create();
        Add(acks, 1);

        acks.Flush();
        _time.Advance(TimeSpan.FromSeconds(1));
        Task idle = acks.WhenIdleAsync();
        acks.Flush();

        await Task.Yield();
        Assert.Empty(_channel.Events);
        Assert.False(idle.IsCompleted);
    }

    [Fact]
    public async Task While_it_is_waited_for_nothing_is_collected()
    {
        using AckTracker acks = Create();
        Delivery answered = Add(acks, 1);
        _ = Add(acks, 2);
        Task idle = acks.WhenIdleAsync();

        acks.End(answered, acknowledge: true);
        acks.Flush();

        Assert.Equal((1UL, false), await _channel.NextAckAsync());
        Assert.False(idle.IsCompleted);
    }

    [Fact]
    public async Task Waiting_sends_what_was_collected()
    {
        using AckTracker acks = Create();
        Delivery running = Add(acks, 1);
        acks.End(Add(acks, 2), acknowledge: true);

        Task idle = acks.WhenIdleAsync();

        Assert.Equal((2UL, false), await _channel.NextAckAsync());
        acks.End(running, acknowledge: false);
        await idle.Soon();
    }

    [Theory]
    [InlineData(1, 1, true)]
    [InlineData(2, 1, true)]
    [InlineData(3, 1, false)]
    [InlineData(4, 2, true)]
    [InlineData(5, 2, false)]
    public async Task A_broker_that_may_be_waiting_for_places_is_told_at_once(int prefetch, int deliveries, bool isAtOnce)
    {
        using AckTracker acks = Create(prefetch);
        Delivery[] added = [.. Enumerable.Range(1, deliveries).Select(tag => Add(acks, (ulong)tag))];

        acks.End(added[^1], acknowledge: true);
        acks.Flush();

        if (!isAtOnce)
        {
            Assert.Empty(_channel.Events);
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal(((ulong)deliveries, false), await _channel.NextAckAsync());
    }

    [Fact]
    public async Task Acknowledged_deliveries_take_no_places()
    {
        using AckTracker acks = Create(prefetch: 4);
        acks.End(Add(acks, 1), acknowledge: true);
        _ = Add(acks, 2);
        acks.Flush();
        Assert.Equal((1UL, false), await _channel.NextAckAsync());

        acks.Flush();
        acks.MakeDueEarly(Add(acks, 3));
        acks.Flush(); // two are unacknowledged again
        Assert.Equal((3UL, false), await _channel.NextAckAsync());

        _channel.Before = null;
        acks.Flush();
        Assert.Equal(["ack 1", "ack 3"], _channel.Events);
    }

    [Fact]
    public async Task Sixteen_are_sent_without_waiting_for_a_pause()
    {
        using AckTracker acks = Create();
        Delivery[] deliveries = [.. Enumerable.Range(1, 16).Select(tag => Add(acks, (ulong)tag))];
        foreach (Delivery delivery in deliveries[..15])
        {
            acks.End(delivery, acknowledge: true);
        }

        Assert.Empty(_channel.Events);
        acks.End(deliveries[15], acknowledge: true);

        Assert.Equal((16UL, true), await _channel.NextAckAsync());
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

        Assert.Equal((2UL, true), await _channel.NextAckAsync());
        Assert.Equal((6UL, false), await _channel.NextAckAsync());
        Assert.Equal((4UL, false), await _channel.NextAckAsync());
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

        Assert.Equal(["ack 2", "ack 3"], _channel.Events);
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
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await _channel.NextAckAsync();
        await TaskBounds.Until(() => delivery.Ack == AckState.Settled);

        acks.End(delivery, acknowledge: true);

        await acks.WhenIdleAsync().Soon();
        Assert.Equal(["ack 1"], _channel.Events);
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

        Assert.Equal(["reject 1", "ack 3 multiple"], _channel.Events);
    }

    [Fact]
    public async Task A_rejected_delivery_leaves_the_order_with_those_before_it()
    {
        using AckTracker acks = Create();
        Delivery oldest = Add(acks, 1);
        Delivery rejected = Add(acks, 2);
        await acks.RejectAsync(rejected).Soon();
        acks.End(rejected, acknowledge: true);
        Assert.True(rejected.IsInOrder); // the oldest is pending: it is still in the way

        Assert.True(await acks.RejectAsync(oldest).Soon());

        Assert.False(oldest.IsInOrder || rejected.IsInOrder);
        Assert.Same(rejected, Add(acks, 3)); // ended: its object is used again
    }

    [Fact]
    public async Task Acknowledging_does_not_overtake_a_rejection()
    {
        var rejecting = new TaskCompletionSource();
        _channel.Before = what => what.StartsWith("reject", StringComparison.Ordinal) ? rejecting.Task : Task.CompletedTask;
        using AckTracker acks = Create();
        Delivery rejected = Add(acks, 1);
        ValueTask<bool> rejection = acks.RejectAsync(rejected);
        acks.End(Add(acks, 2), acknowledge: true);
        acks.End(Add(acks, 3), acknowledge: true);
        Task idle = acks.WhenIdleAsync();

        Assert.Equal((2UL, false), await _channel.NextAckAsync());
        Assert.Equal((3UL, false), await _channel.NextAckAsync());
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

        Assert.Empty(_channel.Events);
    }

    [Fact]
    public async Task A_rejection_on_a_closed_channel_leaves_the_message_with_the_broker()
    {
        using AckTracker acks = Create();
        Delivery delivery = Add(acks, 1);
        _channel.Close();

        Assert.False(await acks.RejectAsync(delivery).Soon());
        Assert.Equal(AckState.Pending, delivery.Ack);
        acks.End(delivery, acknowledge: false);
        await acks.WhenIdleAsync().Soon();
    }

    [Fact]
    public async Task On_a_closed_channel_it_becomes_idle_all_the_same()
    {
        using AckTracker acks = Create();
        Delivery[] deliveries = [Add(acks, 1), Add(acks, 2)];
        _channel.Close();
        acks.End(deliveries[1], acknowledge: true);
        acks.End(deliveries[0], acknowledge: true);

        await acks.WhenIdleAsync().Soon();
    }

    [Fact]
    public async Task Objects_are_used_again_once_ended_and_acknowledged()
    {
        using AckTracker acks = Create(prefetch: 1);
        Delivery first = Add(acks, 1);
        acks.MakeDueEarly(first);
        acks.Flush();
        await _channel.NextAckAsync();
        await TaskBounds.Until(() => !first.IsInOrder);
        Delivery second = Add(acks, 2);
        Assert.NotSame(first, second); // acknowledged, but its call still runs

        acks.End(first, acknowledge: true);

        Assert.Same(first, Add(acks, 3));
        Assert.Equal(AckState.Pending, first.Ack);
    }

    [Fact]
    public async Task What_becomes_due_during_a_flush_follows()
    {
        var acknowledging = new TaskCompletionSource();
        _channel.Before = _ => acknowledging.Task;
        using AckTracker acks = Create(prefetch: 1);
        Delivery first = Add(acks, 1);
        acks.End(first, acknowledge: true);
        acks.Flush();
        await TaskBounds.Until(() => !first.IsInOrder);
        Delivery next = Add(acks, 2);
        acks.End(next, acknowledge: true);
        Task idle = acks.WhenIdleAsync();
        Assert.False(idle.IsCompleted);

        acknowledging.SetResult();

        await idle.Soon();
        Assert.Equal(["ack 1", "ack 2"], _channel.Events);
    }

    [Fact]
    public void After_disposal_the_timer_is_silent()
    {
        AckTracker acks = Create();
        acks.End(Add(acks, 1), acknowledge: true);
        acks.Flush();

        acks.Dispose();
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Empty(_channel.Events);
    }

    private AckTracker Create(int prefetch = 64) => new(_channel, _time, prefetch);

    private static Delivery Add(AckTracker acks, ulong tag) => acks.Add(new IncomingMessage { DeliveryTag = tag }, receivedAt: 0, maxBodyBytes: 0);

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
