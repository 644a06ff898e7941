using RabbitMQ.Client;
using RpcGen.Transport.RabbitMq;
using static RpcGen.Tests.Transports.RabbitMq.AmqpBytes;

namespace RpcGen.Tests.Transports.RabbitMq;

/// <summary>Property lists that the client library cannot decode arrive readable, and can be told from others.</summary>
public sealed class ContentHeaderTests
{
    private static readonly byte[] FixedPart = [0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>All fourteen properties, with headers.</summary>
    private static readonly byte[] AllProperties =
    [
        0xFF, 0xFC,
        .. ShortString("content type"), .. ShortString("content encoding"), .. Table(Entry("name", Text("value"))), 2, 9,
        .. ShortString("correlation id"), .. ShortString("reply to"), .. ShortString("1000"), .. ShortString("message id"),
        0, 0, 0, 0, 1, 2, 3, 4, .. ShortString("type"), .. ShortString("user"), .. ShortString("app"), .. ShortString("cluster"),
    ];

    [Fact]
    public void Readable_properties_stay_as_they_are()
    {
        Assert.Equal(AllProperties, Check(AllProperties));
        ReadOnlyBasicProperties properties = new(AllProperties);
        Assert.Equal(("reply to", "cluster"), (properties.ReplyTo, properties.ClusterId));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_list_that_the_library_does_not_look_at_stays_as_it_is(int length)
    {
        byte[] list = [.. Enumerable.Repeat((byte)0xFF, length)];

        Assert.Equal(list, Check(list));
    }

    [Fact]
    public void Unreadable_headers_are_blanked_and_other_properties_stay()
    {
        byte[] list = Properties(Table(Entry("text", Text("x")), Entry("d", Decimal(30))));

        ReadOnlyBasicProperties properties = new(Check(list));

        Assert.Equal([FieldTable.BlankName], properties.Headers!.Keys);
        Assert.Equal(("id", "reply"), (properties.CorrelationId, properties.ReplyTo));
    }

    [Fact]
    public void Headers_of_one_octet_leave_only_blank_headers()
    {
        byte[] list = Properties([0, 0, 0, 1, 0]);

        ReadOnlyBasicProperties properties = new(Check(list));

        Assert.Equal([FieldTable.BlankName], properties.Headers!.Keys);
        Assert.Null(properties.ReplyTo);
    }

    [Theory]
    [InlineData(0x7FFFFFFF)]
    [InlineData(-1)]
    [InlineData(19)]
    public void Headers_that_end_outside_the_list_leave_only_blank_headers(int length)
    {
        byte[] list = [0x20, 0, .. Length(length), .. Entry("deep", NestedTables(2))];

        Assert.Equal([FieldTable.BlankName], new ReadOnlyBasicProperties(Check(list)).Headers!.Keys);
    }

    [Fact]
    public void A_list_that_ends_too_early_is_never_given_to_the_library()
    {
        for (int length = 3; length < AllProperties.Length; length++)
        {
            byte[] list = Check(AllProperties[..length]);

            if (length < 8)
            {
                Assert.Equal(AllProperties[..length], list); // no room for blank headers: the connection closes
                continue;
            }

            Assert.Equal([FieldTable.BlankName], new ReadOnlyBasicProperties(list).Headers!.Keys);
        }
    }

    [Theory]
    [InlineData(0x8000)]
    [InlineData(0x4000)]
    [InlineData(0x0400)]
    [InlineData(0x0004)]
    public void A_short_string_beyond_the_list_is_found(int flags)
    {
        byte[] list = [(byte)(flags >> 8), (byte)flags, 6, 1, 2, 3, 4, 5];

        Assert.Equal([FieldTable.BlankName], new ReadOnlyBasicProperties(Check(list)).Headers!.Keys);
    }

    [Fact]
    public void Flags_that_AMQP_reserves_are_ignored_as_in_the_library() =>
        Assert.Equal([0, 3, 1, 2, 3, 4, 5, 6], Check([0, 3, 1, 2, 3, 4, 5, 6]));

    [Fact]
    public void Headers_that_are_too_long_to_be_checked_are_blanked()
    {
        byte[] list =
        [
            0xE6, 0, .. ShortString(new string('t', 255)), .. ShortString(new string('e', 255)),
            .. Table(Entry("long", Text(new string('x', 1000))), Entry("d", Decimal(30))), .. ShortString("id"), .. ShortString("reply"),
        ];

        ReadOnlyBasicProperties properties = new(BlankHeaders(list));

        Assert.Equal([FieldTable.BlankName], properties.Headers!.Keys);
        Assert.Equal((255, 255), (properties.ContentType!.Length, properties.ContentEncoding!.Length));
        Assert.Equal(("id", "reply"), (properties.CorrelationId, properties.ReplyTo));
    }

    [Fact]
    public void A_long_list_without_headers_or_with_headers_outside_is_replaced()
    {
        byte[] none = [0x80, 0, .. Enumerable.Repeat((byte)1, 2000)];
        byte[] outside = [0x20, 0, .. Length(2000), .. Enumerable.Repeat((byte)1, 1999)];

        Assert.Equal([FieldTable.BlankName], new ReadOnlyBasicProperties(BlankHeaders(none)).Headers!.Keys);
        Assert.Equal([FieldTable.BlankName], new ReadOnlyBasicProperties(BlankHeaders(outside)).Headers!.Keys);
    }

    private static byte[] Check(byte[] list)
    {
        byte[] payload = [.. FixedPart, .. list];
        ContentHeader.MakeReadable(payload);
        Assert.Equal(FixedPart, payload[..12]);
        return payload[12..];
    }

    private static byte[] BlankHeaders(byte[] list)
    {
        byte[] payload = [.. FixedPart, .. list];
        ContentHeader.BlankHeaders(payload.AsSpan(0, ContentHeader.RequiredToBlank), payload.Length);
        return payload[12..];
    }
}
