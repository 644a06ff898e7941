using System.Text;
using System.Text.Json;
using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Tests.Protocol;

public sealed class BatchTests
{
    private static readonly JsonEncodedText Method = JsonEncodedText.Encode("Add");

    [Fact]
    public void Requests_are_written_as_the_protocol_says()
    {
        var body = new PooledBuffer();
        BatchWriter.WriteRequest(body, new CorrelationId(0x1f), Method, budget: 250, "[1,2]"u8, traceParent: null, headers: null);
        BatchWriter.WriteRequest(body, new CorrelationId("a\"b"), Method, budget: 0, "{}"u8, traceParent: "00-trace", headers: null);
        BatchWriter.End(body);

        Assert.Equal("""[["000000000000001f","Add",250,[1,2]],["a\u0022b","Add",0,{},"00-trace"]]""", Text(body));
    }

    [Fact]
    public void An_id_is_written_whole_wherever_the_buffer_ends()
    {
        for (int room = 0; room <= 40; room++)
        {
            var body = new PooledBuffer();
            int filled = body.GetSpan().Length - room;
            body.Write([.. Enumerable.Repeat((byte)' ', filled)]);

            BatchWriter.WriteReply(body, new CorrelationId(0x1f), "1"u8, isFault: false, slowness: 0);

            Assert.Equal(""",["000000000000001f",1]""", Text(body)[filled..]);
        }
    }

    [Fact]
    public void Headers_are_written_after_the_trace_and_read_back()
    {
        var body = new PooledBuffer();
        var headers = new Dictionary<string, object?> { ["tenant"] = "acme", ["quote\""] = "\u00e9\n\ud800", ["empty"] = "" };
        BatchWriter.WriteRequest(body, new CorrelationId(1), Method, budget: 1, "{}"u8, traceParent: null, headers);
        BatchWriter.WriteRequest(body, new CorrelationId(2), Method, budget: 1, "{}"u8, traceParent: "00-trace", headers);
        BatchWriter.End(body);

        const string written = """{"tenant":"acme","quote\u0022":"\u00E9\n\uFFFD","empty":""}""";
        Assert.Equal($$"""[["0000000000000001","Add",1,{},null,{{written}}],["0000000000000002","Add",1,{},"00-trace",{{written}}]]""", Text(body));
        var reader = new BatchReader(body.Written.Span);
        for (int i = 0; i < 2; i++)
        {
            Assert.True(reader.NextEntry());
            reader.ReadId();
            reader.ReadText();
            reader.ReadNumber();
            reader.ReadValue();
            reader.ReadText();
            Assert.Equal([new("tenant", "acme"), new("quote\"", "\u00e9\n\ufffd"), new("empty", "")], reader.ReadHeaders()!);
            Assert.False(reader.HasElement);
        }

        Assert.False(reader.NextEntry());
    }

    [Theory]
    [InlineData("null", 0)]
    [InlineData("12", 0)]
    [InlineData("[{\"a\":\"b\"}]", 0)]
    [InlineData("{}", 0)]
    [InlineData("{\"a\":1,\"b\":null,\"c\":{\"d\":\"e\"},\"f\":\"g\",\"f\":\"h\"}", 1)]
    public void Headers_that_are_no_text_are_skipped(string headers, int count)
    {
        var reader = new BatchReader(Encoding.UTF8.GetBytes($"[[{headers},7]]"));
        Assert.True(reader.NextEntry());

        Assert.Equal(count, reader.ReadHeaders()?.Count ?? 0);
        Assert.Equal(7, reader.ReadNumber());
    }

    [Theory]
    [InlineData(64, 100, true)]
    [InlineData(65, 100, false)]
    [InlineData(1, 16_000, true)]
    [InlineData(1, 16_384, false)]
    [InlineData(2, 9_000, false)]
    public void The_headers_of_a_call_have_limits(int count, int length, bool isRead)
    {
        string headers = string.Join(",", Enumerable.Range(0, count).Select(i => $"\"{i}\":\"{new string('x', length)}\""));
        byte[] body = Encoding.UTF8.GetBytes($"[[{{{headers}}}]]");

        Exception? refusal = Record.Exception(() =>
        {
            var reader = new BatchReader(body);
            reader.NextEntry();
            reader.ReadHeaders();
        });

        Assert.Equal(isRead ? null : typeof(JsonException), refusal?.GetType());
    }

    [Theory]
    [InlineData("{\"\\ud800\":\"x\"}")]
    [InlineData("{\"x\":\"\\ud800\"}")]
    [InlineData("{\"x\":\"y\"")]
    public void Headers_that_cannot_be_read_are_bad_JSON(string headers) => Assert.ThrowsAny<JsonException>(() =>
    {
        var reader = new BatchReader(Encoding.UTF8.GetBytes($"[[{headers}]]"));
        reader.NextEntry();
        reader.ReadHeaders();
    });

    [Theory]
    [InlineData("42", false, 0, "[[\"0000000000000001\",42]]")]
    [InlineData("", false, 0, "[[\"0000000000000001\"]]")]
    [InlineData("{}", true, 0, "[[\"0000000000000001\",{},\"fault\"]]")]
    [InlineData("42", false, 7, "[[\"0000000000000001\",42,null,7]]")]
    [InlineData("", false, 7, "[[\"0000000000000001\",null,null,7]]")]
    [InlineData("{}", true, 7, "[[\"0000000000000001\",{},\"fault\",7]]")]
    public void Replies_are_written_as_the_protocol_says(string payload, bool isFault, long slowness, string expected)
    {
        var body = new PooledBuffer();

        BatchWriter.WriteReply(body, new CorrelationId(1), Encoding.UTF8.GetBytes(payload), isFault, slowness);
        BatchWriter.End(body);

        Assert.Equal(expected, Text(body));
    }

    [Fact]
    public void The_largest_numbers_fit()
    {
        var body = new PooledBuffer();
        BatchWriter.WriteRequest(body, new CorrelationId(ulong.MaxValue), Method, long.MaxValue, "1"u8, traceParent: null, headers: null);
        BatchWriter.End(body);

        Assert.Equal("""[["ffffffffffffffff","Add",9223372036854775807,1]]""", Text(body));
    }

    [Fact]
    public void Entries_are_read_element_by_element()
    {
        byte[] body = """ [ ["000000000000001f","Add",250,[1,{"x":2}],"more",true] , ["peer's",null], ["00000000000000AB"], ["\u0030000000000000001"], [""] ] """u8.ToArray();
        var reader = new BatchReader(body);

        Assert.True(reader.NextEntry());
        Assert.Equal(0x1ful, reader.ReadId().Number);
        Assert.True(reader.HasElement);
        Assert.Equal("Add", reader.ReadText());
        Assert.Equal(250, reader.ReadNumber());
        Assert.Equal("""[1,{"x":2}]""", Encoding.UTF8.GetString(body[reader.ReadValue()]));
        Assert.Equal("more", reader.ReadText());
        Assert.True(reader.HasElement);
        reader.EndEntry();
        Assert.False(reader.HasElement);

        Assert.True(reader.NextEntry());
        Assert.Equal("peer's", reader.ReadId().Text);
        Assert.Null(reader.ReadText());
        Assert.False(reader.HasElement);
        reader.EndEntry();

        Assert.True(reader.NextEntry());
        Assert.Equal("00000000000000AB", reader.ReadId().Text); // not as RpcGen writes it: echoed as it is

        Assert.True(reader.NextEntry());
        Assert.Equal("0000000000000001", reader.ReadId().Text); // escaped: echoed as text

        Assert.True(reader.NextEntry());
        Assert.Equal("", reader.ReadId().Text);
        Assert.False(reader.NextEntry());
    }

    [Fact]
    public void A_known_name_is_read_as_the_existing_string()
    {
        string known = new("Add"), longest = new('x', 255);
        var names = new KnownNames([known, longest]);
        var reader = new BatchReader(Encoding.UTF8.GetBytes($"""[["Add","\u0041dd","Sub","{longest}",null]]"""));
        Assert.True(reader.NextEntry());

        Assert.Same(known, reader.ReadText(names));
        Assert.Same(known, reader.ReadText(names));
        Assert.Equal("Sub", reader.ReadText(names));
        Assert.Same(longest, reader.ReadText(names));
        Assert.Null(reader.ReadText(names));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("1")]
    [InlineData("[")]
    [InlineData("[1]")]
    [InlineData("[{}]")]
    [InlineData("[[]")]
    [InlineData("[[")]
    [InlineData("[[]] 1")]
    [InlineData("[[]],[]")]
    public void A_body_that_is_no_array_of_entries_is_malformed(string text) => AssertMalformed(text, (ref BatchReader reader) =>
    {
        while (reader.NextEntry())
        {
            reader.EndEntry();
        }
    });

    [Theory]
    [InlineData("1")]
    [InlineData("null")]
    [InlineData("[]")]
    public void An_id_that_is_no_text_is_malformed(string element) => AssertMalformed($"[[{element}]]", (ref BatchReader reader) =>
    {
        reader.NextEntry();
        reader.ReadId();
    });

    [Theory]
    [InlineData("1")]
    [InlineData("{}")]
    public void A_text_that_is_none_is_malformed(string element) => AssertMalformed($"[[{element}]]", (ref BatchReader reader) =>
    {
        reader.NextEntry();
        reader.ReadText();
    });

    [Theory]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("\"1\"")]
    [InlineData("null")]
    [InlineData("9223372036854775808")]
    public void A_number_that_is_negative_or_none_is_malformed(string element) => AssertMalformed($"[[{element}]]", (ref BatchReader reader) =>
    {
        reader.NextEntry();
        reader.ReadNumber();
    });

    [Fact]
    public void Zero_is_a_number()
    {
        var reader = new BatchReader("[[0]]"u8);
        reader.NextEntry();

        Assert.Equal(0, reader.ReadNumber());
    }

    [Fact]
    public void Values_can_be_as_deep_as_single_messages()
    {
        string Nested(int depth) => new string('[', depth) + new string(']', depth);
        var reader = new BatchReader(Encoding.UTF8.GetBytes($"[[{Nested(JsonLimits.MaxDepth)}]]"));
        reader.NextEntry();
        reader.ReadValue();

        AssertMalformed($"[[{Nested(JsonLimits.MaxDepth + 1)}]]", (ref BatchReader tooDeep) =>
        {
            tooDeep.NextEntry();
            tooDeep.ReadValue();
        });
    }

    private delegate void Reading(ref BatchReader reader);

    private static void AssertMalformed(string text, Reading reading)
    {
        bool isMalformed = false;
        try
        {
            var reader = new BatchReader(Encoding.UTF8.GetBytes(text));
            reading(ref reader);
        }
        catch (JsonException)
        {
            isMalformed = true;
        }

        Assert.True(isMalformed, text);
    }

    private static string Text(PooledBuffer body) => Encoding.UTF8.GetString(body.Written.Span);
}
