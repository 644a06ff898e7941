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
                MessageId = 9_000_000_000,
                Expiration = 60_000,
                Timestamp = 1_900_000_000,
                Priority = 7,
                UserId = UserName,
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
        Assert.Equal(("", queue), (message.Exchange, message.RoutingKey));
        Assert.Equal("application/json", message.ContentType);
        Assert.Null(message.ContentEncoding);
        Assert.Equal("Größe", message.Type);
        Assert.Equal("0123456789abcdef", message.CorrelationId);
        Assert.Equal("rpc.cb.x", message.ReplyTo);
        Assert.Equal("9000000000", message.MessageId);
        Assert.Equal("60000", message.Expiration);
        Assert.Equal(1_900_000_000, message.Timestamp);
        Assert.Equal(7, message.Priority);
        Assert.Equal(UserName, message.UserId);
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
            new IncomingMessage { DeliveryTag = delivery.Tag, Exchange = "", RoutingKey = queue },
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

    [Fact]
    public async Task A_user_id_that_is_not_the_connections_closes_the_channel()
    {
        await using ITransportChannel channel = await OpenChannelAsync();
        string queue = await DeclareQueueAsync(channel);

        await channel.PublishAsync(ToQueue(queue) with { UserId = "somebody else" }, Cancel);

        Assert.Contains("406", (await ClosureOfAsync(channel)).Reason, StringComparison.Ordinal);
    }
}
