using RpcGen.Generators.Text;

namespace RpcGen.Generators.Tests.Units;

public sealed class IdentifiersTests
{
    [Theory]
    [InlineData("name", "name")]
    [InlineData("class", "@class")]
    [InlineData("await", "@await")]
    [InlineData("required", "@required")]
    public void Keywords_are_escaped(string name, string expected) => Assert.Equal(expected, Identifiers.Escape(name));

    [Theory]
    [InlineData("find", "Find", "find")]
    [InlineData("Find", "Find", "find")]
    [InlineData("URL", "URL", "uRL")]
    [InlineData("x", "X", "x")]
    public void Case_changes_in_the_first_letter_only(string name, string pascal, string camel)
    {
        Assert.Equal(pascal, Identifiers.Pascal(name));
        Assert.Equal(camel, Identifiers.Camel(name));
    }

    [Theory]
    [InlineData("not-found", "NotFound")]
    [InlineData("a.b c", "ABC")]
    [InlineData("--x--", "X")]
    [InlineData("soft\u00ADhyphen", "SoftHyphen")]
    [InlineData("7up", "_7up")]
    [InlineData("!?", "_")]
    [InlineData("_x", "_x")]
    public void Any_text_becomes_an_identifier(string text, string expected) => Assert.Equal(expected, Identifiers.FromText(text));

    [Fact]
    public void Unique_names_are_numbered_before_the_suffix()
    {
        var names = new UniqueNames(["Taken"]);
        Assert.Equal(["Find", "Find2", "FindMethod", "Find2Method", "Find3", "Taken2"], [names.Take("Find"), names.Take("Find"), names.Take("Find", "Method"), names.Take("Find", "Method"), names.Take("Find"), names.Take("Taken")]);
    }
}
