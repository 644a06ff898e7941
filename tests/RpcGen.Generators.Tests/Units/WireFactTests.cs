using Microsoft.CodeAnalysis;
using RpcGen.Generators.Parsing.Evolution;
using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests.Units;

public sealed class WireFactTests
{
    private static readonly ISymbol Anywhere = new Snippet("public class C;").Type("C");

    [Theory]
    [InlineData("method Orders/Find = int", "method Orders/Find", "int")]
    [InlineData("  a = b = c  ", "a", "b = c")]
    [InlineData("no value", "no value", "")]
    public void A_line_is_a_key_and_a_value(string line, string key, string value) => Assert.Equal((key, value), WireFact.Parse(line));

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("# comment = text")]
    [InlineData("  # comment")]
    public void Empty_lines_and_comments_say_nothing(string line) => Assert.Null(WireFact.Parse(line));

    [Fact]
    public void A_fact_is_written_as_it_is_read()
    {
        string line = Fact("int required").Line;
        Assert.Equal("key = int required", line);
        Assert.Equal(("key", "int required"), WireFact.Parse(line));
    }

    [Theory]
    [InlineData("int", "int required", true)]
    [InlineData("int", "int", false)]
    [InlineData("int required", "int", false)]
    [InlineData("long", "int required", false)]
    public void Only_requiring_less_relaxes(string now, string shipped, bool relaxes) => Assert.Equal(relaxes, Fact(now).Relaxes(shipped));

    [Theory]
    [InlineData("int", "long", true, false, "old clients and old servers")]
    [InlineData("C?", "C", true, false, "old servers, which can get null,")]
    [InlineData("C?", "C", false, true, "old clients, which can get null,")]
    [InlineData("C?", "C", true, true, "old clients and old servers, which can get null,")]
    [InlineData("C? required", "C required", true, false, "old servers, which can get null,")]
    [InlineData("C", "C?", true, false, "old clients, which can send null,")]
    [InlineData("C", "C?", false, true, "new clients of old servers, which can send null,")]
    [InlineData("C", "C?", true, true, "old clients, and new clients of old servers, which can send null,")]
    [InlineData("C required", "C", true, false, "those who do not send it")]
    [InlineData("D required", "C", true, false, "old clients and old servers")]
    public void A_change_names_the_peers_that_break(string now, string shipped, bool isSent, bool isReceived, string expected) => Assert.Equal(
        expected,
        (Fact(now) with { IsSent = isSent, IsReceived = isReceived, BreaksWhenAdded = "those who do not send it" }).BreaksWhenChanged(shipped));

    [Fact]
    public void A_part_that_is_required_now_but_breaks_nobody_when_added_is_a_change() =>
        Assert.Equal("old clients and old servers", Fact("C required").BreaksWhenChanged("C"));

    [Theory]
    [InlineData("service Orders", "old clients, which still call it,")]
    [InlineData("method Orders/Find", "old clients, which still call it,")]
    [InlineData("argument Orders/Find/id", "old servers, which still require it,")]
    [InlineData("fault Orders/Find/gone", "old clients, which still catch it,")]
    [InlineData("member Order/id", "old clients and old servers that still read it")]
    [InlineData("enum Colour/Red", "old clients and old servers that still send it")]
    [InlineData("subtype Shape/circle", "old clients and old servers that still send it")]
    public void A_removal_names_the_peers_that_break(string key, string expected) => Assert.Equal(expected, WireFact.BreaksWhenRemoved(key));

    private static WireFact Fact(string value) => new("key", value, Anywhere);
}
