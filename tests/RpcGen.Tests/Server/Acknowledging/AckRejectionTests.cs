using RpcGen.Server.Acknowledging;

namespace RpcGen.Tests.Server.Acknowledging;

/// <summary>Rejected deliveries are not acknowledged, and leave the order of the others.</summary>
public sealed class AckRejectionTests : AckTrackerTest
{
    [Fact]
    public async Task A_rejected_delivery_is_not_acknowledged_and_does_not_hold_up_others()
    {
        using AckTracker acks = Create();
        Delivery rejected = Add(acks, 1);
        Delivery[] others = [Add(acks, 2), Add(acks, 3)];

        Assert.True(await acks.RejectAsync(rejected).Soon());
        Assert.Equal((AckState.Sent, false), (rejected.Ack, rejected.IsInOrder));
        acks.End(rejected, acknowledge: true);
        acks.End(others[0], acknowledge: true);
        acks.End(others[1], acknowledge: true);
        await acks.WhenIdleAsync().Soon();

        Assert.Equal(["reject 1", "ack 3 multiple"], Channel.Events);
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
        acks.AcknowledgeEarly(delivery);

        Assert.True(await acks.RejectAsync(delivery).Soon());

        Assert.Empty(Channel.Events);
    }

    [Fact]
    public async Task A_rejection_on_a_closed_channel_leaves_the_message_with_the_broker()
    {
        using AckTracker acks = Create();
        Delivery delivery = Add(acks, 1);
        Channel.Close();

        Assert.False(await acks.RejectAsync(delivery).Soon());
        Assert.Equal(AckState.Pending, delivery.Ack);
        acks.End(delivery, acknowledge: false);
        await acks.WhenIdleAsync().Soon();
    }
}
