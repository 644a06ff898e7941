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

        Assert.Equal("[\"000000000000001f\",5,\"Add\",250]\n[1,2]\n[\"a\\u0022b\",2,\"Add\",0,\"00-trace\"]\n{}\n", Text(body));
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

            Assert.Equal("[\"000000000000001f\",1]\n1\n", Text(body)[filled..]);
        }
    }

    [Fact]
    public void Headers_are_written_after_the_trace_and_read_back()
    {
        var body = new PooledBuffer();
        var headers = new Dictionary<string, object?> { ["tenant"] = "acme", ["quote\""] = "\u00e9\n\ud800", ["empty"] = "" };
        BatchWriter.WriteRequest(body, new CorrelationId(1), Method, budget: 1, "{}"u8, traceParent: null, headers);
        BatchWriter.WriteRequest(body, new CorrelationId(2), Method, budget: 1, "{}"u8, traceParent: "00-trace", headers);

        const string written = """{"tenant":"acme","quote\u0022":"\u00E9\n\uFFFD","empty":""}""";
        Assert.Equal($$"""
            ["0000000000000001",2,"Add",1,null,{{written}}]
            {}
            ["0000000000000002",2,"Add",1,"00-trace",{{written}}]
            {}

            """, Text(body));
        var reader = new BatchReader(body.Written.Span);
        for (int i = 0; i < 2; i++)
        {
            Assert.True(reader.NextEntry());
            reader.ReadText();
            reader.ReadNumber();
            reader.ReadText();
            Assert.Equal([new("tenant", "acme"), new("quote\"", "\u00e9\n\ufffd"), new("empty", "")], reader.ReadHeaders()!);
            Assert.False(reader.HasElement);
        }

        Assert.False(reader.NextEntry());
    }

    [Theory]
    [InlineData("42", false, 0, "[\"0000000000000001\",2]\n42\n")]
    [InlineData("", false, 0, "[\"0000000000000001\",0]\n\n")]
    [InlineData("{}", true, 0, "[\"0000000000000001\",2,\"fault\"]\n{}\n")]
    [InlineData("42", false, 7, "[\"0000000000000001\",2,null,7]\n42\n")]
    [InlineData("", false, 7, "[\"0000000000000001\",0,null,7]\n\n")]
    [InlineData("{}", true, 7, "[\"0000000000000001\",2,\"fault\",7]\n{}\n")]
    [InlineData("\"a\\nü\"", false, 0, "[\"0000000000000001\",7]\n\"a\\nü\"\n")]
    public void Replies_are_written_as_the_protocol_says(string payload, bool isFault, long slowness, string expected)
    {
        var body = new PooledBuffer();

        BatchWriter.WriteReply(body, new CorrelationId(1), Encoding.UTF8.GetBytes(payload), isFault, slowness);

        Assert.Equal(expected, Text(body));
    }

    [Fact]
    public void The_largest_numbers_fit()
    {
        var body = new PooledBuffer();
        BatchWriter.WriteRequest(body, new CorrelationId(ulong.MaxValue), Method, long.MaxValue, "1"u8, traceParent: null, headers: null);

        Assert.Equal("[\"ffffffffffffffff\",1,\"Add\",9223372036854775807]\n1\n", Text(body));
    }

    private static string Text(PooledBuffer body) => Encoding.UTF8.GetString(body.Written.Span);
}
