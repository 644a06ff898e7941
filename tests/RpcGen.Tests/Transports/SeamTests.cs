using RpcGen.Transport;

namespace RpcGen.Tests.Transports;

/// <summary>The values of the transport seam.</summary>
public sealed class SeamTests
{
    [Fact]
    public void A_correlation_id_is_a_number_a_text_or_empty()
    {
        CorrelationId number = new(0x1f), text = new("abc"), empty = default, zero = new(0);

        Assert.Equal((0x1ful, null, false, "000000000000001f"), (number.Number, number.Text, number.IsEmpty, number.ToString()));
        Assert.Equal((0ul, "abc", false, "abc"), (text.Number, text.Text, text.IsEmpty, text.ToString()));
        Assert.Equal((0ul, null, true, null), (empty.Number, empty.Text, empty.IsEmpty, empty.ToString()));
        Assert.True(zero.IsEmpty);
        Assert.False(new CorrelationId("").IsEmpty);
    }

    [Theory]
    [InlineData("000000000000001f", true)]
    [InlineData("000000000000001F", true)]
    [InlineData("0000000000000020", false)]
    [InlineData("1f", false)]
    [InlineData("no number at all", false)]
    public void A_number_recognises_itself(string text, bool isItself) => Assert.Equal(isItself, new CorrelationId(0x1f) == new CorrelationId(text).Normalize());

    [Fact]
    public void A_text_recognises_itself()
    {
        Assert.True(new CorrelationId("abc") == new CorrelationId("abc").Normalize());
        Assert.False(new CorrelationId("abc") == new CorrelationId("ABC").Normalize());
    }

    [Theory]
    [InlineData("00000000000000ab", true, true)]
    [InlineData("00000000000000AB", true, false)]
    [InlineData("0000000000000000", true, false)]
    [InlineData("0000000000000ab", false, false)]
    [InlineData("00000000000000abc", false, false)]
    [InlineData("00000000000000xy", false, false)]
    public void A_number_is_read_from_its_digits(string text, bool isText, bool isAscii)
    {
        Assert.Equal(isText, CorrelationId.TryParseNumber(text, out ulong fromText));
        Assert.Equal(isAscii, CorrelationId.TryParseNumber(System.Text.Encoding.ASCII.GetBytes(text), out ulong fromAscii));
        Assert.Equal(isText && text[^1] != '0' ? 0xabul : 0, fromText);
        Assert.Equal(isAscii ? 0xabul : 0, fromAscii);
        Assert.False(CorrelationId.TryParseNumber((string?)null, out _));
    }

    [Fact]
    public void A_number_is_written_in_sixteen_digits()
    {
        byte[] ascii = new byte[CorrelationId.NumberLength];

        CorrelationId.WriteNumber(0xab, ascii);

        Assert.Equal("00000000000000ab"u8.ToArray(), ascii);
    }

    [Fact]
    public void A_closure_by_the_broker_has_its_code()
    {
        TransportClosure closure = TransportClosure.ByBroker(AmqpReplyCodes.NotFound, "NOT_FOUND - no queue");

        Assert.Equal((404, "404 NOT_FOUND - no queue", null), (closure.ReplyCode, closure.Reason, closure.Exception));
        Assert.Equal(0, TransportClosure.ByOwner.ReplyCode);
        Assert.Equal("closed by this process", new TransportClosedException(TransportClosure.ByOwner, nothingSent: true).Message);
    }

    [Fact]
    public void Hosts_are_shown_with_their_port()
    {
        Assert.Equal("rabbit:5672", new BrokerHost("rabbit", 5672).ToString());
        Assert.Equal("[::1]:5672", new BrokerHost("::1", 5672).ToString());
    }

    [Fact]
    public void Declarations_are_shown_as_what_they_declare()
    {
        Assert.Equal("'q' (durable, x-queue-type=classic)", new QueueDeclaration("q", QueueKind.Classic).ToString());
        Assert.Equal("'q' (durable, x-queue-type=quorum, x-max-priority=5)", new QueueDeclaration("q", QueueKind.Quorum, 5).ToString());
        Assert.Equal("'q' (not durable, not exclusive)", new QueueDeclaration("q", QueueKind.Transient).ToString());
        Assert.Equal("'q' (exclusive, auto-delete, not durable)", new QueueDeclaration("q", QueueKind.Exclusive).ToString());
        Assert.Equal([true, true, true, false, false], Enum.GetValues<QueueKind>().Select(kind => new QueueDeclaration("q", kind).IsDurable));
    }
}
