using RpcGen.Transport;
using Xunit;

namespace RpcGen.Tests.Transports;

public abstract partial class TransportConformance
{
    [Theory]
    [InlineData(1)]
    [InlineData(4 * 1024)]
    [InlineData(128 * 1024)]
    [InlineData(1024 * 1024)]
    [InlineData(15 * 1024 * 1024)]
    public async Task A_body_of_any_size_arrives_whole(int size)
    {
        await using ITransportChannel channel = await OpenChannelAsync();
        string queue = await DeclareQueueAsync(channel, QueueKind.Exclusive);
        var consumer = new RecordingConsumer();
        await channel.ConsumeAsync(queue, 0, consumer, Cancel);
        byte[] body = new byte[size];
        new Random(size).NextBytes(body);

        await channel.PublishAsync(ToQueue(queue) with { Body = body }, Cancel);

        Delivery delivery = await consumer.NextAsync();
        Assert.True(body.AsSpan().SequenceEqual(delivery.Body));
    }

    [Fact]
    public async Task A_message_above_16_MiB_closes_the_channel()
    {
        Assert.SkipUnless(RefusesHugeMessages, "The broker takes it.");
        await using ITransportChannel channel = await OpenChannelAsync();
        string queue = await DeclareQueueAsync(channel, QueueKind.Exclusive);

        await channel.PublishAsync(ToQueue(queue) with { Body = new byte[(16 * 1024 * 1024) + 1] }, Cancel);

        Assert.Contains("406", (await ClosureOfAsync(channel)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_may_be_used_again_once_published()
    {
        await using ITransportChannel channel = await OpenChannelAsync();
        string queue = await DeclareQueueAsync(channel, QueueKind.Exclusive);
        var consumer = new RecordingConsumer();
        await channel.ConsumeAsync(queue, 0, consumer, Cancel);
        byte[] body = new byte[1];

        for (byte i = 0; i < 100; i++)
        {
            body[0] = i;
            await channel.PublishAsync(ToQueue(queue) with { Body = body }, Cancel);
        }

        Assert.Equal(Enumerable.Range(0, 100), (await consumer.NextAsync(100)).Select(delivery => (int)delivery.Body[0]));
    }

    [Fact]
    public async Task Messages_keep_their_order()
    {
        await using ITransportChannel channel = await OpenChannelAsync();
        await using ITransportChannel other = await OpenChannelAsync();
        string queue = await DeclareQueueAsync(channel);
        var consumer = new RecordingConsumer(delivery => _ = other.AckAsync(delivery.Tag, multiple: false, Cancel).AsTask());
        await other.ConsumeAsync(queue, 10, consumer, Cancel);
        string[] texts = [.. Enumerable.Range(0, 1000).Select(i => $"{i}")];

        await PublishAsync(channel, queue, texts);

        Assert.Equal(texts, Texts(await consumer.NextAsync(texts.Length)));
    }

    [Fact]
    public async Task An_expired_message_is_never_delivered()
    {
        await using ITransportChannel channel = await OpenChannelAsync();
        string queue = await DeclareQueueAsync(channel);
        var consumer = new RecordingConsumer();

        // Messages expire at the head: so all three are there together, and what is missing then has expired.
        await PublishAsync(channel, queue, "first");
        await channel.PublishAsync(ToQueue(queue, "late") with { Expiration = 1 }, Cancel);
        await channel.PublishAsync(ToQueue(queue, "in time") with { Expiration = 600_000 }, Cancel);
        await UntilAsync(channel, queue, ready: 3);
        await channel.ConsumeAsync(queue, 1, consumer, Cancel);

        Delivery first = await consumer.NextAsync();
        await UntilAsync(channel, queue, ready: 1, consumers: 1);
        await channel.AckAsync(first.Tag, multiple: false, Cancel);

        Assert.Equal("in time", (await consumer.NextAsync()).Text);
    }
}
