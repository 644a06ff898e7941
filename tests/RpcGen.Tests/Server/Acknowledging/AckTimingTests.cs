using RpcGen.Server.Acknowledging;

namespace RpcGen.Tests.Server.Acknowledging;

/// <summary>When acknowledgements are sent, and when the tracker is idle.</summary>
public sealed class AckTimingTests : AckTrackerTest
{
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
        Assert.Equal([1UL, 2, 3, 4, 5], Acknowledged(Channel, 5).Order().ToArray());
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

        Assert.Empty(Channel.Events);
        Time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal((3UL, true), await Channel.NextAckAsync());
        acks.End(Add(acks, 4), acknowledge: true);
        acks.Flush();
        Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal((4UL, false), await Channel.NextAckAsync()); // the timer is set again
    }

    [Fact]
    public async Task The_moment_starts_with_the_first_acknowledgement()
    {
        using AckTracker acks = Create();
        acks.End(Add(acks, 1), acknowledge: true);
        acks.Flush();
        Time.Advance(TimeSpan.FromMicroseconds(600));
        acks.End(Add(acks, 2), acknowledge: true);
        acks.Flush();
        Time.Advance(TimeSpan.FromMicroseconds(400));

        Assert.Equal((2UL, true), await Channel.NextAckAsync());
    }

    [Fact]
    public async Task Without_due_acknowledgements_nothing_is_sent()
    {
        using AckTracker acks = Create();
        Add(acks, 1);

        acks.Flush();
        Time.Advance(TimeSpan.FromSeconds(1));
        Task idle = acks.WhenIdleAsync();
        acks.Flush();

        await Task.Yield();
        Assert.Empty(Channel.Events);
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

        Assert.Equal((1UL, false), await Channel.NextAckAsync());
        Assert.False(idle.IsCompleted);
    }

    [Fact]
    public async Task Waiting_sends_what_was_collected()
    {
        using AckTracker acks = Create();
        Delivery running = Add(acks, 1);
        acks.End(Add(acks, 2), acknowledge: true);

        Task idle = acks.WhenIdleAsync();

        Assert.Equal((2UL, false), await Channel.NextAckAsync());
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
            Assert.Empty(Channel.Events);
            Time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal(((ulong)deliveries, false), await Channel.NextAckAsync());
    }

    [Fact]
    public async Task Acknowledged_deliveries_take_no_places()
    {
        using AckTracker acks = Create(prefetch: 4);
        acks.End(Add(acks, 1), acknowledge: true);
        _ = Add(acks, 2);
        acks.Flush();
        Assert.Equal((1UL, false), await Channel.NextAckAsync());

        acks.Flush();
        acks.MakeDueEarly(Add(acks, 3));
        acks.Flush(); // two are unacknowledged again
        Assert.Equal((3UL, false), await Channel.NextAckAsync());

        Channel.Before = null;
        acks.Flush();
        Assert.Equal(["ack 1", "ack 3"], Channel.Events);
    }

    [Fact]
    public async Task Sixteen_are_sent_without_waiting_for_a_pause()
    {
        using AckTracker acks = Create();
        Delivery[] deliveries = [.. Enumerable.Range(1, 16).Select(tag => Add(acks, (ulong)tag))];
        foreach (Delivery delivery in deliveries[..15])
        {
            acks.End(delivery, acknowledge: true);
            await Task.Run(() => { }, CancellationToken.None); // a flush would have been queued before
        }

        Assert.Empty(Channel.Events);
        acks.End(deliveries[15], acknowledge: true);

        Assert.Equal((16UL, true), await Channel.NextAckAsync());
    }

    [Fact]
    public async Task On_a_closedChannel_it_becomes_idle_all_the_same()
    {
        using AckTracker acks = Create();
        Delivery[] deliveries = [Add(acks, 1), Add(acks, 2)];
        Channel.Close();
        acks.End(deliveries[1], acknowledge: true);
        acks.End(deliveries[0], acknowledge: true);

        await acks.WhenIdleAsync().Soon();
    }

    [Fact]
    public async Task What_becomes_due_during_a_flush_follows()
    {
        var acknowledging = new TaskCompletionSource();
        Channel.Before = _ => acknowledging.Task;
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
        Assert.Equal(["ack 1", "ack 2"], Channel.Events);
    }

    [Fact]
    public void After_disposal_theTimer_is_silent()
    {
        AckTracker acks = Create();
        acks.End(Add(acks, 1), acknowledge: true);
        acks.Flush();

        acks.Dispose();
        Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Empty(Channel.Events);
    }
}
