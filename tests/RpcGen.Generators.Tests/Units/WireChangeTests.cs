using Microsoft.CodeAnalysis;
using RpcGen.Generators.Parsing.Evolution;
using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests.Units;

public sealed class WireChangeTests
{
    private static readonly ISymbol Anywhere = new Snippet("public class C;").Type("C");

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
    [InlineData("C as text", "C", true, false, "old clients and old servers")]
    [InlineData("C converted", "C", true, false, "old clients and old servers")]
    [InlineData("C", "C required", true, false, null)]
    [InlineData("C = 1", "C required", true, false, null)]
    [InlineData("C", "C = 1", true, false, "those who do not send it")]
    [InlineData("C = 2", "C = 1", true, false, "clients that leave it out, and mean the former default,")]
    [InlineData("C = 2", "C = 1", false, true, "servers that leave it out, and mean the former default,")]
    [InlineData("C = 2", "C", true, true, "clients and servers that leave it out, and mean the former default,")]
    public void A_change_of_a_value_names_the_peers_that_break(string now, string shipped, bool isSent, bool isReceived, string? expected) => Assert.Equal(
        expected,
        WireChange.Breaks(new WireFact("member T/m", now, Anywhere) { IsSent = isSent, IsReceived = isReceived, BreaksWhenAdded = "those who do not send it" }, shipped));

    [Fact]
    public void A_part_that_is_required_now_but_breaks_nobody_when_added_is_a_change() =>
        Assert.Equal("old clients and old servers", WireChange.Breaks(new WireFact("member T/m", "C required", Anywhere), "C"));

    [Theory]
    [InlineData("service Orders", "object", "old clients, which still call it,")]
    [InlineData("method Orders/Find", "int", "old clients, which still call it,")]
    [InlineData("exchange Orders", "shop", "old clients, which still publish to it,")]
    [InlineData("argument Orders/Find/id", "int required", "old servers, which still require it,")]
    [InlineData("argument Orders/Find/id", "int = 1", null)]
    [InlineData("fault Orders/Find/gone", "Gone", "old clients, which still catch it,")]
    [InlineData("member Order/id", "int", "old clients and old servers that still read it")]
    [InlineData("enum Colour/Red", "1", "old clients and old servers that still send it")]
    [InlineData("subtype Shape/circle", "Circle", "old clients and old servers that still send it")]
    [InlineData("promise Orders/Find", "idempotent", "old clients, which repeat a call after a failure,")]
    [InlineData("promise Orders/Find", "at-most-once", "callers that rely on one run at most")]
    [InlineData("timeout Orders/Find", "5 ms", null)]
    [InlineData("validation Order/id", "Range(1, 2)", "old servers, which still check it,")]
    [InlineData("numbers Order/id", "AllowReadingFromString", "old clients and old servers that still send the other form")]
    [InlineData("numbers Order/id", "WriteAsString", "old clients and old servers")]
    public void A_removal_names_the_peers_that_break(string key, string value, string? expected) => Assert.Equal(expected, WireChange.BreaksWhenRemoved(key, value));

    [Theory]
    [InlineData("service Demo.Orders", "body style of the service 'Demo.Orders'")]
    [InlineData("argument a/b/Find/id", "argument 'id' of 'a/b/Find'")]
    [InlineData("member Demo.Order/a/b", "member 'a/b' of 'Demo.Order'")]
    [InlineData("enum Demo.Colour/Red", "value 'Red' of 'Demo.Colour'")]
    [InlineData("nonsense", "line 'nonsense'")]
    [InlineData("argument", "argument 'argument'")]
    public void Keys_are_said_in_words(string key, string expected) => Assert.Equal(expected, WireWords.OfKey(key));
}
