using RpcGen.Server.Acknowledging;
using RpcGen.Transport;

namespace RpcGen.Tests.Server.Acknowledging;

public sealed class DeliveryTests
{
    private static readonly Dictionary<string, object?> Headers = [];

    private readonly IncomingMessage _message = new()
    {
        DeliveryTag = 7,
        IsRedelivered = true,
        ReplyTo = "me",
        ContentType = "type",
        ContentEncoding = "encoding",
        Timestamp = 5,
        Headers = Headers,
        UserId = "ann",
        Priority = 3,
        Body = "abc"u8.ToArray(),
    };

    [Fact]
    public void It_has_what_the_message_has()
    {
        var delivery = new Delivery { IsEnded = true };
        delivery.Begin(in _message, receivedAt: 9, maxBodyBytes: 3);

        Assert.Equal((7UL, true, "me", "type", "encoding", 5L), (delivery.Tag, delivery.IsRedelivered, delivery.ReplyTo, delivery.ContentType, delivery.ContentEncoding, delivery.Timestamp));
        Assert.Equal(("ann", 3, 3, 9L, AckState.Pending, false), (delivery.UserId, delivery.Priority, delivery.BodyLength, delivery.ReceivedAt, delivery.Ack, delivery.IsEnded));
        Assert.Same(Headers, delivery.Headers);
        Assert.Equal("abc"u8.ToArray(), delivery.Body.Written.ToArray());
    }

    [Fact]
    public void A_body_over_the_limit_is_measured_and_not_kept()
    {
        var delivery = new Delivery();
        delivery.Begin(in _message, receivedAt: 0, maxBodyBytes: 2);

        Assert.Equal((3, 0), (delivery.BodyLength, delivery.Body.Length));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void An_empty_user_is_none(string? user)
    {
        var delivery = new Delivery();
        delivery.Begin(new IncomingMessage { UserId = user }, receivedAt: 0, maxBodyBytes: 0);

        Assert.Null(delivery.UserId);
    }

    [Fact]
    public void After_reset_nothing_is_kept_alive()
    {
        var delivery = new Delivery();
        delivery.Begin(in _message, receivedAt: 0, maxBodyBytes: 3);

        delivery.Reset();

        Assert.Equal(new object?[5], [delivery.ReplyTo, delivery.ContentType, delivery.ContentEncoding, delivery.Headers, delivery.UserId]);
        Assert.Equal(0, delivery.Body.Length);
    }
}
