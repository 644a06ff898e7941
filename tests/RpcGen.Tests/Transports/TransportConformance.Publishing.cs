using System.Threading.Channels;
using RpcGen.Tests.Support;
using RpcGen.Transport;
using Xunit;

namespace RpcGen.Tests.Transports;

public abstract partial class TransportConformance
{
    [Fact]
    public async Task Every_property_arrives()
    {
        await using ITransportChannel channel = await OpenChannelAsync();
        string queue = await DeclareQueueAsync(channel, QueueKind.Exclusive);
        var consumer = new RecordingConsumer();
        string tag = await channel.ConsumeAsync(queue, 0, consumer, Cancel);
        Assert.NotEmpty(tag);

        await channel.PublishAsync(
            new OutgoingMessage
            {
                Exchange = "",
                RoutingKey = queue,
                IsMandatory = true,
                IsPersistent = true,
                ContentType = "application/json",
                Type = "Größe",
                CorrelationId = new CorrelationId(0x0123_4567_89AB_CDEFul),
                ReplyTo = "rpc.cb.x",
                Expiration = 60_000,
                Timestamp = 1_900_000_000,
                Priority = 7,
                UserId = Transport.UserName,
                Headers = new Dictionary<string, object?>
                {
                    ["text"] = "naïve",
                    ["bytes"] = new byte[] { 0, 255 },
                    ["int"] = -7,
                    ["long"] = long.MaxValue,
                    ["double"] = 0.5,
                    ["yes"] = true,
                    ["nothing"] = null,
                },
                Body = "{}"u8.ToArray(),
            },
            Cancel);

        Delivery delivery = await consumer.NextAsync();
        IncomingMessage message = delivery.Message;
        Assert.Equal("{}", delivery.Text);
        Assert.NotEqual(0ul, message.DeliveryTag);
        Assert.False(message.IsRedelivered);
        Assert.Equal("application/json", message.ContentType);
        Assert.Null(message.ContentEncoding);
        Assert.Equal("Größe", message.Type);
        Assert.Equal("0123456789abcdef", message.CorrelationId);
        Assert.Equal("rpc.cb.x", message.ReplyTo);
        Assert.Equal("60000", message.Expiration);
        Assert.Equal(1_900_000_000, message.Timestamp);
        Assert.Equal(7, message.Priority);
        Assert.Equal(Transport.UserName, message.UserId);
        IDictionary<string, object?> headers = Assert.IsAssignableFrom<IDictionary<string, object?>>(message.Headers);
        Assert.Equal(7, headers.Count);
        Assert.Equal("naïve"u8.ToArray(), headers["text"]);
        Assert.Equal(new byte[] { 0, 255 }, headers["bytes"]);
        Assert.Equal(-7, headers["int"]);
        Assert.Equal(long.MaxValue, headers["long"]);
        Assert.Equal(0.5, headers["double"]);
        Assert.Equal(true, headers["yes"]);
        Assert.Null(headers["nothing"]);
    }

    [Fact]
    public async Task A_property_that_is_not_sent_is_absent()
    {
        await using ITransportChannel channel = await OpenChannelAsync();
        string queue = await DeclareQueueAsync(channel, QueueKind.Exclusive);
        var consumer = new RecordingConsumer();
        await channel.ConsumeAsync(queue, 0, consumer, Cancel);

        await channel.PublishAsync(ToQueue(queue), Cancel);

        Delivery delivery = await consumer.NextAsync();
        Assert.Empty(delivery.Body);
        Assert.Equal(
            new IncomingMessage { DeliveryTag = delivery.Tag },
            delivery.Message with { Body = default });
    }

    [Fact]
    public async Task What_cannot_travel_is_refused_before_it_is_sent()
    {
        await using ITransportChannel channel = await OpenChannelAsync();
        string queue = await DeclareQueueAsync(channel, QueueKind.Exclusive);
        string tooLong = new('ü', 128);
        OutgoingMessage message = ToQueue(queue);

        foreach (OutgoingMessage wrong in new[]
        {
            message with { Type = tooLong },
            message with { ReplyTo = tooLong },
            message with { CorrelationId = new CorrelationId(tooLong) },
            message with { Headers = new Dictionary<string, object?> { [tooLong] = 1 } },
            message with { Headers = new Dictionary<string, object?> { ["when"] = DateTime.UnixEpoch } },
        })
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(async () => await channel.PublishAsync(wrong, Cancel));
        }

        await channel.PublishAsync(message with { Type = tooLong[1..] }, Cancel);
        await UntilAsync(channel, queue, ready: 1);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("0123456789ABCDEF")]
    [InlineData("Kennung ü 5")]
    public async Task A_correlation_id_of_a_peer_arrives_as_it_is(string text)
    {
        await using ITransportChannel channel = await OpenChannelAsync();
        string queue = await DeclareQueueAsync(channel, QueueKind.Exclusive);
        var consumer = new RecordingConsumer();
        await channel.ConsumeAsync(queue, 0, consumer, Cancel);

        await channel.PublishAsync(ToQueue(queue) with { CorrelationId = new CorrelationId(text) }, Cancel);

        Assert.Equal(text, (await consumer.NextAsync()).Message.CorrelationId);
    }

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
    public async Task A_user_id_that_is_not_the_connections_closes_the_channel()
    {
        await using ITransportChannel channel = await OpenChannelAsync();
        string queue = await DeclareQueueAsync(channel);

        await channel.PublishAsync(ToQueue(queue) with { UserId = "somebody else" }, Cancel);

        Assert.Contains("406", (await ClosureOfAsync(channel)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unroutable_message_comes_back_if_it_is_mandatory()
    {
        await using ITransportChannel channel = await OpenChannelAsync();
        string queue = await DeclareQueueAsync(channel, QueueKind.Exclusive);
        Channel<ReturnedMessage> returned = Channel.CreateUnbounded<ReturnedMessage>();
        channel.Returned += message => returned.Writer.TryWrite(message);
        string nowhere = NewName();

        await channel.PublishAsync(ToQueue(nowhere) with { CorrelationId = new CorrelationId(1) }, Cancel);
        await channel.PublishAsync(ToQueue(queue, isMandatory: true) with { CorrelationId = new CorrelationId(2) }, Cancel);
        await channel.PublishAsync(ToQueue(nowhere, isMandatory: true) with { CorrelationId = new CorrelationId(3) }, Cancel);
        await channel.PublishAsync(ToQueue(nowhere, isMandatory: true) with { CorrelationId = new CorrelationId("four") }, Cancel);

        Assert.Equal(new ReturnedMessage("0000000000000003", nowhere, "312 NO_ROUTE"), await NextAsync());
        Assert.Equal(new ReturnedMessage("four", nowhere, "312 NO_ROUTE"), await NextAsync());

        Task<ReturnedMessage> NextAsync() => returned.Reader.ReadAsync(Cancel).AsTask().WaitAsync(Bounds.Soon, Cancel);
    }

    [Fact]
    public async Task A_missing_exchange_closes_the_channel_and_no_more()
    {
        ITransportConnection connection = await ConnectAsync();
        await using ITransportChannel channel = await connection.OpenChannelAsync(Cancel);
        await using ITransportChannel sibling = await connection.OpenChannelAsync(Cancel);
        string exchange = NewName();

        await channel.PublishAsync(ToQueue("") with { Exchange = exchange }, Cancel);

        TransportClosure closure = await ClosureOfAsync(channel);
        Assert.Contains("404", closure.Reason, StringComparison.Ordinal);
        Assert.Contains(exchange, closure.Reason, StringComparison.Ordinal);
        await DeclareQueueAsync(sibling, QueueKind.Exclusive);
        Assert.False(connection.Closed.IsCompleted);
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
        await channel.TakeOneAsync(queue, new RecordingConsumer(), Cancel);
        await UntilAsync(channel, queue, ready: 1);
        await channel.ConsumeAsync(queue, 0, consumer, Cancel);

        Assert.Equal("in time", (await consumer.NextAsync()).Text);
    }

    [Fact]
    public async Task A_fanout_reaches_every_queue_once()
    {
        await using ITransportChannel channel = await OpenChannelAsync();
        await using ITransportChannel other = await OpenChannelAsync();
        string exchange = NewName();
        RecordingConsumer[] consumers = [new(), new()];
        foreach ((ITransportChannel its, RecordingConsumer consumer) in new[] { channel, other }.Zip(consumers))
        {
            string queue = await DeclareQueueAsync(its, QueueKind.Exclusive);
            await its.BindFanoutAsync(exchange, queue, Cancel);
            await its.BindFanoutAsync(exchange, queue, Cancel);
            await its.ConsumeAsync(queue, 0, consumer, Cancel);
        }

        await other.PublishAsync(ToQueue("ignored", "one") with { Exchange = exchange, IsMandatory = true }, Cancel);
        await other.PublishAsync(ToQueue("", "two") with { Exchange = exchange }, Cancel);

        foreach (RecordingConsumer consumer in consumers)
        {
            Assert.Equal(["one", "two"], Texts(await consumer.NextAsync(2)));
        }
    }

    [Fact]
    public async Task A_fanout_exchange_goes_with_its_last_queue()
    {
        ITransportConnection connection = await ConnectAsync();
        ITransportConnection leaving = await ConnectAsync();
        await using ITransportChannel channel = await connection.OpenChannelAsync(Cancel);
        await using ITransportChannel bound = await leaving.OpenChannelAsync(Cancel);
        string exchange = NewName();
        string queue = await DeclareQueueAsync(bound, QueueKind.Exclusive);
        await bound.BindFanoutAsync(exchange, queue, Cancel);

        await leaving.DisposeAsync();
        await UntilGoneAsync(connection, queue);
        await channel.PublishAsync(ToQueue("") with { Exchange = exchange }, Cancel);

        Assert.Contains("404", (await ClosureOfAsync(channel)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fanout_of_a_missing_queue_is_refused()
    {
        await using ITransportChannel channel = await OpenChannelAsync();
        string queue = NewName();

        TransportRefusedException refused = await Assert.ThrowsAsync<TransportRefusedException>(
            () => channel.BindFanoutAsync(NewName(), queue, Cancel));

        Assert.Equal(AmqpReplyCodes.NotFound, refused.Code);
    }
}
