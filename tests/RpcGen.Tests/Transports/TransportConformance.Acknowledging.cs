using RpcGen.Transport;
using Xunit;

namespace RpcGen.Tests.Transports;

public abstract partial class TransportConformance
{
    [Fact]
    public async Task Without_prefetch_a_delivery_is_acknowledged_by_itself()
    {
        await using ITransportChannel channel = await OpenChannelAsync();
        string queue = await DeclareQueueAsync(channel);
        ITransportChannel consuming = await OpenChannelAsync();
        var consumer = new RecordingConsumer();
        await consuming.ConsumeAsync(queue, 0, consumer, Cancel);

        await PublishAsync(channel, queue, [.. Enumerable.Range(0, 500).Select(i => $"{i}")]);

        await consumer.NextAsync(500);
        await consuming.DisposeAsync();
        await UntilAsync(channel, queue, ready: 0);
    }

    [Fact]
    public async Task What_is_given_back_comes_again_in_its_place_marked_redelivered()
    {
        await using ITransportChannel channel = await OpenChannelAsync();
        string queue = await DeclareQueueAsync(channel);
        var consumer = new RecordingConsumer();
        await channel.ConsumeAsync(queue, 1, consumer, Cancel);
        await PublishAsync(channel, queue, "a", "b");

        Delivery first = await consumer.NextAsync();
        Assert.False(first.Message.IsRedelivered);
        await channel.RequeueAsync(first.Tag, Cancel);
        Delivery again = await consumer.NextAsync();
        await channel.AckAsync(again.Tag, multiple: false, Cancel);
        Delivery next = await consumer.NextAsync();

        Assert.Equal("a", again.Text);
        Assert.True(again.Message.IsRedelivered);
        Assert.NotEqual(first.Tag, again.Tag);
        Assert.Equal("b", next.Text);
        Assert.False(next.Message.IsRedelivered);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_close_gives_what_is_unacknowledged_to_another_in_order(bool closesConnection)
    {
        ITransportConnection leaving = await ConnectAsync();
        ITransportChannel leavingChannel = await leaving.OpenChannelAsync(Cancel);
        await using ITransportChannel channel = await OpenChannelAsync();
        string queue = await DeclareQueueAsync(channel);
        RecordingConsumer first = new(), second = new();
        await leavingChannel.ConsumeAsync(queue, 3, first, Cancel);
        await PublishAsync(channel, queue, "1", "2", "3", "4");
        await first.NextAsync(3);
        await channel.ConsumeAsync(queue, 10, second, Cancel);
        Assert.Equal("4", (await second.NextAsync()).Text);

        await (closesConnection ? leaving.DisposeAsync() : leavingChannel.DisposeAsync());

        Delivery[] again = await second.NextAsync(3);
        Assert.Equal(["1", "2", "3"], Texts(again));
        Assert.All(again, delivery => Assert.True(delivery.Message.IsRedelivered));
    }

    [Fact]
    public async Task Acknowledging_multiple_includes_all_that_is_earlier()
    {
        await using ITransportChannel channel = await OpenChannelAsync();
        ITransportChannel consuming = await OpenChannelAsync();
        string queue = await DeclareQueueAsync(channel);
        var consumer = new RecordingConsumer();
        await consuming.ConsumeAsync(queue, 10, consumer, Cancel);
        await PublishAsync(channel, queue, "1", "2", "3", "4", "5", "6");
        Delivery[] delivered = await consumer.NextAsync(6);

        await consuming.AckAsync(delivered[1].Tag, multiple: false, Cancel);
        await consuming.AckAsync(delivered[3].Tag, multiple: true, Cancel);
        await consuming.AckAsync(delivered[5].Tag, multiple: false, Cancel);
        await consuming.DisposeAsync();

        await UntilAsync(channel, queue, ready: 1);
        var rest = new RecordingConsumer();
        await channel.ConsumeAsync(queue, 0, rest, Cancel);
        Assert.Equal("5", (await rest.NextAsync()).Text);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Acknowledging_what_is_unknown_closes_the_channel(bool twice)
    {
        await using ITransportChannel channel = await OpenChannelAsync();
        string queue = await DeclareQueueAsync(channel);
        var consumer = new RecordingConsumer();
        await channel.ConsumeAsync(queue, 10, consumer, Cancel);
        await PublishAsync(channel, queue, "a");
        Delivery delivery = await consumer.NextAsync();

        await channel.AckAsync(delivery.Tag, multiple: false, Cancel);
        await channel.AckAsync(twice ? delivery.Tag : 99, multiple: false, Cancel);

        Assert.Contains("406", (await ClosureOfAsync(channel)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Giving_back_what_is_unknown_closes_the_channel()
    {
        await using ITransportChannel channel = await OpenChannelAsync();

        await channel.RequeueAsync(1, Cancel);

        Assert.Contains("406", (await ClosureOfAsync(channel)).Reason, StringComparison.Ordinal);
    }
}
