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
    [InlineData("int", "int", "", false, null)]
    [InlineData("int required", "int", "", true, null)]
    [InlineData("int? = null", "int?", "", false, "null")]
    [InlineData("C as text = Red", "C", " as text", false, "Red")]
    [InlineData("C converted required", "C", " converted", true, null)]
    [InlineData("string = \"a = b required\"", "string", "", false, "\"a = b required\"")]
    public void A_value_is_written_as_it_is_read(string text, string type, string form, bool isRequired, string? defaultValue)
    {
        var value = WireValue.Parse(text);
        Assert.Equal(new WireValue(type, form, isRequired, defaultValue), value);
        Assert.Equal(text, value.ToString());
    }

    private static WireFact Fact(string value) => new("key", value, Anywhere);
}
