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
