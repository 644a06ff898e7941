using RpcGen.Transport.RabbitMq;

namespace RpcGen.Tests.Transports.RabbitMq;

public sealed class AmqpWriterTests
{
    [Theory]
    [InlineData(0, 2)]
    [InlineData(9, 2)]
    [InlineData(10, 3)]
    [InlineData(-1, 3)]
    [InlineData(long.MaxValue, 20)]
    [InlineData(long.MinValue, 21)]
    public void The_size_of_a_number_is_what_is_written(long number, int size)
    {
        var writer = new AmqpWriter(new byte[32]);
        writer.WriteNumber(number);

        Assert.Equal((size, size), (AmqpWriter.NumberSize(number), writer.Written));
    }

    [Fact]
    public void A_short_string_has_at_most_255_bytes()
    {
        Assert.Equal(256, AmqpWriter.ShortStringSize(new string('x', 255)));
        ArgumentException exception = Assert.Throws<ArgumentException>(() => AmqpWriter.ShortStringSize(new string('ü', 128)));
        Assert.Contains("at most 255 bytes here, not 256", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Values_are_written_in_network_order()
    {
        byte[] bytes = new byte[64];
        var writer = new AmqpWriter(bytes);
        writer.WriteByte(7);
        writer.WriteInt64(0x0102030405060708);
        writer.WriteShortString("ü");
        writer.Take(2)[1] = 9;

        Assert.Equal([7, 1, 2, 3, 4, 5, 6, 7, 8, 2, 0xc3, 0xbc, 0, 9], bytes[..writer.Written]);
    }

    [Fact]
    public void A_table_that_cannot_be_sent_is_refused_with_the_header_s_name()
    {
        var table = new Dictionary<string, object?> { ["odd"] = 1m };

        Assert.Contains("'odd'", Assert.Throws<ArgumentException>(() => AmqpWriter.TableSize(table)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new AmqpWriter(new byte[64]).WriteTable(table));
        Assert.Equal(4, AmqpWriter.TableSize(new Dictionary<string, object?>()));
    }
}
