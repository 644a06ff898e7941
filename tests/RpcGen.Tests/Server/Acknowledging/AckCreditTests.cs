using RpcGen.Server.Acknowledging;
using RpcGen.Transport;

namespace RpcGen.Tests.Server.Acknowledging;

/// <summary>Which deliveries found credit to spare: the broker did not have to wait for an acknowledgement before it sent them.</summary>
public sealed class AckCreditTests : AckTrackerTest
{
    private ulong _tag;

    [Theory]
    [InlineData(1, false)]
    [InlineData(900, false)]
    [InlineData(901, true)] // the broker would have sent one that waited before
    public async Task What_comes_right_after_the_credit_was_used_up_can_have_waited(int milliseconds, bool foundCredit)
    {
        using AckTracker acks = Create(prefetch: 2);
        Delivery[] deliveries = [AddNow(acks), AddNow(acks)];
        Assert.All(deliveries, delivery => Assert.True(delivery.FoundCredit));
        acks.End(deliveries[0], acknowledge: true);
        acks.Flush();
        await Channel.NextAckAsync();

        Time.Advance(TimeSpan.FromMilliseconds(milliseconds));

        Assert.Equal(foundCredit, AddNow(acks).FoundCredit);
    }

    [Fact]
    public async Task A_rejection_gives_credit_as_an_acknowledgement_does()
    {
        using AckTracker acks = Create(prefetch: 1);
        Delivery rejected = AddNow(acks);

        await acks.RejectAsync(rejected).Soon();

        Assert.False(AddNow(acks).FoundCredit);
    }

    [Fact]
    public async Task An_acknowledgement_while_there_is_credit_says_nothing()
    {
        using AckTracker acks = Create(prefetch: 3);
        Delivery first = AddNow(acks);
        _ = AddNow(acks);
        acks.End(first, acknowledge: true);
        acks.Flush();
        await Channel.NextAckAsync();

        Assert.True(AddNow(acks).FoundCredit);
    }

    private Delivery AddNow(AckTracker acks) => acks.Add(new IncomingMessage { DeliveryTag = ++_tag }, Time.GetTimestamp(), maxBodyBytes: 0);
}
