using RpcGen.Tests.Support;
using RpcGen.Transport;
using Xunit;

namespace RpcGen.Tests.Transports;

public abstract partial class TransportConformance
{
    [Fact]
    public async Task Competing_consumers_share_the_work()
    {
        await using ITransportChannel channel = await OpenChannelAsync();
        await using ITransportChannel other = await OpenChannelAsync();
        string queue = await DeclareQueueAsync(channel);
        RecordingConsumer first = new(), second = new(), third = new();
        await channel.ConsumeAsync(queue, 1, first, Cancel);
        await channel.ConsumeAsync(queue, 1, second, Cancel);
        await other.ConsumeAsync(queue, 1, third, Cancel);

        await PublishAsync(channel, queue, "a", "b", "c");

        string[] shared = [(await first.NextAsync()).Text, (await second.NextAsync()).Text, (await third.NextAsync()).Text];
        Assert.Equal(["a", "b", "c"], shared.Order());
    }

    [Fact]
    public async Task No_more_is_delivered_than_the_prefetch_until_it_is_acknowledged()
    {
        await using ITransportChannel channel = await OpenChannelAsync();
        string queue = await DeclareQueueAsync(channel);
        var consumer = new RecordingConsumer();
        await channel.ConsumeAsync(queue, 2, consumer, Cancel);

        await PublishAsync(channel, queue, "1", "2", "3", "4", "5");

        Delivery[] two = await consumer.NextAsync(2);
        await UntilAsync(channel, queue, ready: 3, consumers: 1);
        Assert.Equal(2, consumer.Count);

        await channel.AckAsync(two[1].Tag, multiple: false, Cancel);
        Assert.Equal("3", (await consumer.NextAsync()).Text);
        await UntilAsync(channel, queue, ready: 2, consumers: 1);
        Assert.Equal(3, consumer.Count);
    }

    [Fact]
    public async Task The_prefetch_counts_for_each_consumer()
    {
        await using ITransportChannel channel = await OpenChannelAsync();
        string queue = await DeclareQueueAsync(channel);
        RecordingConsumer one = new(), two = new();
        await channel.ConsumeAsync(queue, 1, one, Cancel);
        await channel.ConsumeAsync(queue, 3, two, Cancel);

        await PublishAsync(channel, queue, "1", "2", "3", "4", "5", "6");

        await one.NextAsync();
        await two.NextAsync(3);
        await UntilAsync(channel, queue, ready: 2, consumers: 2);
    }

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

    [Fact]
    public async Task A_cancelled_consumer_gets_no_more_and_keeps_what_it_has()
    {
        await using ITransportChannel channel = await OpenChannelAsync();
        ITransportChannel consuming = await OpenChannelAsync();
        string queue = await DeclareQueueAsync(channel);
        var consumer = new RecordingConsumer();
        string tag = await consuming.ConsumeAsync(queue, 2, consumer, Cancel);
        await PublishAsync(channel, queue, "a", "b", "c");
        Delivery[] delivered = await consumer.NextAsync(2);

        await consuming.CancelConsumerAsync(tag, Cancel);
        await UntilAsync(channel, queue, ready: 1);
        await consuming.AckAsync(delivered[0].Tag, multiple: false, Cancel);
        await PublishAsync(channel, queue, "d");
        await UntilAsync(channel, queue, ready: 2);
        await consuming.DisposeAsync();

        await UntilAsync(channel, queue, ready: 3);
        Assert.Equal(2, consumer.Count);
        var rest = new RecordingConsumer();
        await channel.ConsumeAsync(queue, 0, rest, Cancel);
        Assert.Equal(["b", "c", "d"], Texts(await rest.NextAsync(3)));
    }

    [Fact]
    public async Task Cancelling_waits_for_what_is_on_its_way()
    {
        await using ITransportChannel channel = await OpenChannelAsync();
        await using ITransportChannel looking = await OpenChannelAsync();
        string queue = await DeclareQueueAsync(channel);
        using var go = new ManualResetEventSlim();
        var consumer = new RecordingConsumer(_ => go.Wait(Bounds.Soon));
        string tag = await channel.ConsumeAsync(queue, 0, consumer, Cancel);
        await PublishAsync(channel, queue, "a", "b", "c");
        await UntilAsync(channel, queue, ready: 0, consumers: 1);

        Task cancelled = channel.CancelConsumerAsync(tag, Cancel);
        await UntilAsync(looking, queue, ready: 0, consumers: 0);
        Assert.False(cancelled.IsCompleted);
        go.Set();
        await cancelled.WaitAsync(Bounds.Soon, Cancel);
        int count = consumer.Count;
        await PublishAsync(channel, queue, "d");
        await UntilAsync(looking, queue, ready: 1);

        Assert.Equal(3, count);
        Assert.Equal(count, consumer.Count);
    }

    [Fact]
    public async Task A_consumer_of_a_deleted_queue_is_told_and_its_channel_stays_open()
    {
        await using ITransportChannel channel = await OpenChannelAsync();
        string queue = await DeclareQueueAsync(channel);
        var consumer = new RecordingConsumer();
        await channel.ConsumeAsync(queue, 5, consumer, Cancel);
        await PublishAsync(channel, queue, "a");
        Delivery delivery = await consumer.NextAsync();

        await DeleteQueueAsync(queue);

        await consumer.CancelledByBroker;
        await channel.AckAsync(delivery.Tag, multiple: false, Cancel);
        await channel.DeclareQueueAsync(new QueueDeclaration(queue, QueueKind.Classic), Cancel);
        await UntilAsync(channel, queue, ready: 0);
    }

    [Fact]
    public async Task A_consumer_that_takes_its_time_does_not_hold_the_publisher()
    {
        await using ITransportChannel channel = await OpenChannelAsync();
        string queue = await DeclareQueueAsync(channel);
        using var go = new ManualResetEventSlim();
        var consumer = new RecordingConsumer(_ => go.Wait(Bounds.Soon));
        await channel.ConsumeAsync(queue, 0, consumer, Cancel);

        await PublishAsync(channel, queue, "a", "b");
        await UntilAsync(channel, queue, ready: 0, consumers: 1);
        go.Set();

        Assert.Equal(["a", "b"], Texts(await consumer.NextAsync(2)));
    }

    [Fact]
    public async Task A_consumer_may_publish_and_acknowledge()
    {
        await using ITransportChannel channel = await OpenChannelAsync();
        string requests = await DeclareQueueAsync(channel);
        string replies = await DeclareQueueAsync(channel, QueueKind.Exclusive);
        var client = new RecordingConsumer();
        var server = new RecordingConsumer(delivery =>
        {
            _ = channel.PublishAsync(ToQueue(replies, delivery.Text), Cancel).AsTask();
            _ = channel.AckAsync(delivery.Tag, multiple: false, Cancel).AsTask();
        });
        await channel.ConsumeAsync(replies, 0, client, Cancel);
        await channel.ConsumeAsync(requests, 1, server, Cancel);
        string[] texts = [.. Enumerable.Range(0, 200).Select(i => $"{i}")];

        await PublishAsync(channel, requests, texts);

        Assert.Equal(texts, Texts(await client.NextAsync(texts.Length)));
        await UntilAsync(channel, requests, ready: 0, consumers: 1);
    }

    [Fact]
    public async Task Direct_reply_to_answers_on_the_channel_that_asked()
    {
        await using ITransportChannel asking = await OpenChannelAsync();
        await using ITransportChannel serving = await OpenChannelAsync();
        string queue = await DeclareQueueAsync(serving);
        RecordingConsumer client = new(), server = new();
        await asking.ConsumeAsync("amq.rabbitmq.reply-to", 0, client, Cancel);
        await serving.ConsumeAsync(queue, 1, server, Cancel);

        await asking.PublishAsync(ToQueue(queue, "request") with { ReplyTo = "amq.rabbitmq.reply-to" }, Cancel);
        string replyTo = (await server.NextAsync()).Message.ReplyTo!;
        await PublishAsync(serving, replyTo, "reply");

        Assert.StartsWith("amq.rabbitmq.reply-to.", replyTo, StringComparison.Ordinal);
        Assert.Equal("reply", (await client.NextAsync()).Text);
    }

    [Fact]
    public async Task Direct_reply_to_wants_a_consumer_on_its_channel()
    {
        await using ITransportChannel channel = await OpenChannelAsync();
        string queue = await DeclareQueueAsync(channel);

        await channel.PublishAsync(ToQueue(queue) with { ReplyTo = "amq.rabbitmq.reply-to" }, Cancel);

        Assert.Contains("406", (await ClosureOfAsync(channel)).Reason, StringComparison.Ordinal);
    }
}
