using RabbitMQ.Client;
using RpcGen.Transport;
using RpcGen.Transport.RabbitMq;

namespace RpcGen.Tests.Transports.RabbitMq;

public sealed class OutgoingPropertiesTests
{
    /// <summary>Every subset of properties is written byte for byte as the client library writes it.</summary>
    [Fact]
    public void Are_written_as_the_client_library_writes_them()
    {
        for (int subset = 0; subset < 1024; subset++)
        {
            OutgoingMessage message = Message(subset);
            var ours = new OutgoingProperties(in message);

            Assert.Equal(Written(new BasicProperties(ours)), Written(ours));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("id")]
    [InlineData("Ñandú-✓")]
    public void A_correlation_id_of_a_peer_is_echoed(string text)
    {
        var message = new OutgoingMessage { Exchange = "", RoutingKey = "", CorrelationId = new CorrelationId(text) };
        var ours = new OutgoingProperties(in message);

        Assert.Equal(Written(new BasicProperties { CorrelationId = text, DeliveryMode = DeliveryModes.Transient }), Written(ours));
    }

    [Fact]
    public void Values_that_AMQP_cannot_carry_are_refused_before_writing()
    {
        var tooLong = new OutgoingMessage { Exchange = "", RoutingKey = "", Type = new string('x', 256) };
        var tooOdd = new OutgoingMessage { Exchange = "", RoutingKey = "", Headers = new Dictionary<string, object?> { ["at"] = DateTime.MinValue } };

        Assert.Throws<ArgumentException>(() => new OutgoingProperties(in tooLong).GetRequiredBufferSize());
        Assert.Contains("'at'", Assert.Throws<ArgumentException>(() => new OutgoingProperties(in tooOdd).GetRequiredBufferSize()).Message, StringComparison.Ordinal);
    }

    private static OutgoingMessage Message(int subset)
    {
        return new()
        {
            Exchange = "",
            RoutingKey = "",
            ContentType = Has(1) ? "application/json" : null,
            Type = Has(2) ? "Größe" : null,
            CorrelationId = Has(4) ? new CorrelationId(0x0123456789abcdef) : default,
            ReplyTo = Has(8) ? "rpc.cb.x" : null,
            Expiration = Has(16) ? Has(1) ? long.MaxValue : 30_000 : 0,
            Timestamp = Has(32) ? 1_700_000_000 : 0,
            IsPersistent = Has(64),
            UserId = Has(512) ? "guest" : null,
            Headers = Has(128) ? Headers() : null,
            Priority = Has(256) ? (byte)7 : (byte)0,
        };

        bool Has(int bit) => (subset & bit) != 0;
    }

    private static Dictionary<string, object?> Headers() => new()
    {
        ["traceparent"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ["empty"] = "",
        ["null"] = null,
        ["bytes"] = new byte[] { 1, 2, 3 },
        ["yes"] = true,
        ["no"] = false,
        ["int"] = -1,
        ["long"] = long.MinValue,
        ["double"] = 0.1,
    };

    private static byte[] Written<T>(T header)
        where T : IAmqpHeader
    {
        byte[] buffer = new byte[header.GetRequiredBufferSize() + 64];
        int written = header.WriteTo(buffer);

        Assert.Equal(header.GetRequiredBufferSize(), written);
        Assert.Equal(60, header.ProtocolClassId);
        return buffer[..written];
    }
}
