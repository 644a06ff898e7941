using System.Text;
using System.Text.Json;
using RpcGen.Protocol;

namespace RpcGen.Tests.Protocol;

/// <summary>How batches are read. <see cref="BatchTests"/> has how they are written.</summary>
public sealed class BatchReaderTests
{
    [Fact]
    public void Entries_are_read_element_by_element()
    {
        byte[] message = Encoding.UTF8.GetBytes(
            " [ \"000000000000001f\" , 16, \"Add\",250,\"more\",true] \n" + "[1,\n{\"x\": 2 }]  \n" + "[\"peer's\",0,null]\n\n" +
            "[\"00000000000000AB\",4]\n\xff\n\"\n" + "[\"\\u0030000000000000001\",0]\r\n\n" + "[\"\",0]\n\n");
        var reader = new BatchReader(message);

        Assert.True(reader.NextEntry());
        Assert.Equal(0x1ful, reader.Id.Number);
        Assert.Equal("[1,\n{\"x\": 2 }]  ", Encoding.UTF8.GetString(message[reader.Body]));
        Assert.Equal("Add", reader.ReadText());
        Assert.Equal(250, reader.ReadNumber());
        Assert.Equal("more", reader.ReadText());
        Assert.True(reader.HasElement);
        reader.EndEntry();
        Assert.False(reader.HasElement);

        Assert.True(reader.NextEntry());
        Assert.Equal("peer's", reader.Id.Text);
        Assert.Null(reader.ReadText());
        Assert.False(reader.HasElement);
        Assert.Empty(message[reader.Body]);
        reader.EndEntry();

        Assert.True(reader.NextEntry());
        Assert.Equal("00000000000000AB", reader.Id.Text); // not as RpcGen writes it: echoed as it is
        Assert.Equal("\xff\n\"", Encoding.UTF8.GetString(message[reader.Body])); // no JSON: the reader of the body refuses it

        Assert.True(reader.NextEntry());
        Assert.Equal("0000000000000001", reader.Id.Text); // escaped: echoed as text

        Assert.True(reader.NextEntry());
        Assert.Equal("", reader.Id.Text);
        Assert.False(reader.NextEntry());
    }

    [Fact]
    public void A_message_without_entries_has_none() => Assert.False(new BatchReader([]).NextEntry());

    [Fact]
    public void A_known_name_is_read_as_the_existing_string()
    {
        string known = new("Add"), longest = new('x', 255);
        var names = new KnownNames([known, longest]);
        var reader = new BatchReader(Head($"""
            "Add","\u0041dd","Sub","{longest}",null
            """));
        Assert.True(reader.NextEntry());

        Assert.Same(known, reader.ReadText(names));
        Assert.Same(known, reader.ReadText(names));
        Assert.Equal("Sub", reader.ReadText(names));
        Assert.Same(longest, reader.ReadText(names));
        Assert.Null(reader.ReadText(names));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("\n")]
    [InlineData("[\"x\",0]")]
    [InlineData("[\"x\",0]\n")]
    [InlineData("[\"x\",0]\r\n")]
    [InlineData("[\"x\",0] 1\n\n")]
    [InlineData("[\"x\",0]]\n\n")]
    [InlineData("[\"x\",0\n\n")]
    [InlineData("[\"x\"]\n\n")]
    [InlineData("[\"x\",null]\n\n")]
    [InlineData("[\"x\",-1]\n\n")]
    [InlineData("[\"x\",0.5]\n\n")]
    [InlineData("[\"x\",1]\n\n")]
    [InlineData("[\"x\",1]\n12\n")]
    [InlineData("[\"x\",2]\n1\n")]
    [InlineData("[\"x\",3]\n1\n")]
    [InlineData("[\"x\",2147483647]\n1\n")]
    [InlineData("[\"x\",9223372036854775807]\n1\n")]
    [InlineData("[\"x\",9223372036854775808]\n1\n")]
    [InlineData("[\"x\",0]\n\n\n")]
    [InlineData("[\"x\",0]\n\n[")]
    [InlineData("[1,0]\n\n")]
    [InlineData("[null,0]\n\n")]
    [InlineData("[[],0]\n\n")]
    [InlineData("{\"x\":0}\n\n")]
    public void A_message_that_is_no_sequence_of_entries_is_malformed(string text) => AssertMalformed(Encoding.UTF8.GetBytes(text), (ref BatchReader reader) =>
    {
        while (reader.NextEntry())
        {
            reader.EndEntry();
        }
    });

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void The_length_of_a_head_is_limited(int more, bool isRead)
    {
        byte[] head = Head("");
        byte[] message = [.. head[..^3], .. Enumerable.Repeat((byte)' ', JsonLimits.MaxBatchHeadBytes - (head.Length - 1) + more), .. head[^3..]];

        if (isRead)
        {
            Assert.True(new BatchReader(message).NextEntry());
        }
        else
        {
            AssertMalformed(message, (ref BatchReader reader) => reader.NextEntry());
        }
    }

    [Theory]
    [InlineData("1")]
    [InlineData("{}")]
    public void A_text_that_is_none_is_malformed(string element) => AssertMalformed(Head(element), (ref BatchReader reader) =>
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
    public void A_number_that_is_negative_or_none_is_malformed(string element) => AssertMalformed(Head(element), (ref BatchReader reader) =>
    {
        reader.NextEntry();
        reader.ReadNumber();
    });

    [Fact]
    public void Equal_headers_of_further_calls_are_the_existing_strings()
    {
        byte[] message =
        [
            .. Head("{\"tenant\":\"acme\",\"n\":1,\"region\":\"north\"}"), .. Head("{\"tenant\":\"acme\",\"n\":\"2\",\"region\":\"south\"}"),
            .. Head("{\"acme\":\"tenant\",\"n\":\"\",\"\":\"south\",\"more\":\"\\u0061\"}"), .. Head("{\"acme\":\"tenant\",\"\":\"\",\"n\":\"south\",\"more\":\"a\"}"),
        ];
        var reader = new BatchReader(message);
        var read = new List<Dictionary<string, object?>>();
        while (reader.NextEntry())
        {
            read.Add(reader.ReadHeaders()!);
        }

        Assert.Equal([new("tenant", "acme"), new("region", "north")], read[0]);
        Assert.Equal([new("tenant", "acme"), new("n", "2"), new("region", "south")], read[1]);
        Assert.Equal([new("acme", "tenant"), new("n", ""), new("", "south"), new("more", "a")], read[2]);
        Assert.Equal([new("acme", "tenant"), new("", ""), new("n", "south"), new("more", "a")], read[3]);
        Assert.Same(read[0]["tenant"], read[1]["tenant"]);
        Assert.Same(read[0].Keys.First(), read[1].Keys.First());
        Assert.Same(read[2]["acme"], read[3]["acme"]);
    }

    [Fact]
    public void A_long_value_does_not_become_a_name()
    {
        string longText = new('x', 300);
        byte[] message = [.. Head($"{{\"a\":\"{longText}\"}}"), .. Head($"{{\"{longText}\":\"a\"}}")];

        AssertMalformed(message, (ref BatchReader reader) =>
        {
            while (reader.NextEntry())
            {
                reader.ReadHeaders();
            }
        });
    }

    [Fact]
    public void Zero_is_a_number()
    {
        var reader = new BatchReader(Head("0"));
        reader.NextEntry();

        Assert.Equal(0, reader.ReadNumber());
    }

    [Fact]
    public void A_head_has_a_depth() => AssertMalformed(Head(new string('[', JsonLimits.MaxDepth) + new string(']', JsonLimits.MaxDepth)), (ref BatchReader tooDeep) =>
    {
        tooDeep.NextEntry();
        tooDeep.EndEntry();
    });

    [Theory]
    [InlineData("null", 0)]
    [InlineData("12", 0)]
    [InlineData("[{\"a\":\"b\"}]", 0)]
    [InlineData("{}", 0)]
    [InlineData("{\"a\":1,\"b\":null,\"c\":{\"d\":\"e\"},\"f\":\"g\",\"f\":\"h\"}", 1)]
    public void Headers_that_are_no_text_are_skipped(string headers, int count)
    {
        var reader = new BatchReader(Head($"{headers},7"));
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
        byte[] body = Head($"{{{headers}}}");

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
        var reader = new BatchReader(Head(headers));
        reader.NextEntry();
        reader.ReadHeaders();
    });

    /// <summary>An entry without a body, whose head has more elements.</summary>
    private static byte[] Head(string elements) => Encoding.UTF8.GetBytes(elements.Length > 0 ? $"[\"x\",0,{elements}]\n\n" : "[\"x\",0]\n\n");

    private delegate void Reading(ref BatchReader reader);

    private static void AssertMalformed(byte[] message, Reading reading)
    {
        bool isMalformed = false;
        try
        {
            var reader = new BatchReader(message);
            reading(ref reader);
        }
        catch (JsonException)
        {
            isMalformed = true;
        }

        Assert.True(isMalformed, Encoding.UTF8.GetString(message));
    }
}
