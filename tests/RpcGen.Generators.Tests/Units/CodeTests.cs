using RpcGen.Generators.Text;

namespace RpcGen.Generators.Tests.Units;

/// <summary>The layout of templates.</summary>
public sealed class CodeTests
{
    private static readonly Code TwoLines = Code.Of($$"""
        one
        two
        """);

    [Fact]
    public void Content_is_indented_like_its_hole()
    {
        Code inner = Code.Of($$"""
            if (a)
            {
                {{TwoLines}}
            }
            """);
        Assert.Equal("x {\n        if (a)\n        {\n            one\n            two\n        }\n}\n", Text($$"""
            x {
                    {{inner}}
            }
            """));
    }

    [Fact]
    public void A_line_with_only_empty_holes_is_removed() => Assert.Equal("a\nb \nc\n".Replace(" ", "", StringComparison.Ordinal), Text($$"""
        a
        {{Code.Empty}}
        {{""}}{{(string?)null}}
        b {{Code.Empty}}
        c
        """));

    [Fact]
    public void Empty_lines_are_kept_once_and_not_inside_braces() => Assert.Equal("a\n\nb\n{\n    c\n}\n\nd\n", Text($$"""

        a


        b
        {

            c

        }
        {{Code.Empty}}

        d

        """));

    [Fact]
    public void An_empty_line_stays_before_a_longer_line_that_starts_with_a_brace() => Assert.Equal("a\n\n};\n{ }\n\nb\n", Text($$"""
        a

        };
        { }

        b
        """));

    [Fact]
    public void Lines_leave_out_what_is_empty() => Assert.Equal("a\none\ntwo\n", Text($"{Code.Lines(["", "a", TwoLines, Code.Empty])}"));

    [Fact]
    public void Lines_of_text_leave_out_what_is_empty() => Assert.Equal("a\nb\n", Text($"{Code.Lines(new[] { "a", "", "b" })}"));

    [Fact]
    public void Members_have_an_empty_line_between_them() => Assert.Equal("a\n\none\ntwo\n\nb\n", Text($"{Code.Members(["a", TwoLines, "", "b"])}"));

    [Fact]
    public void Blocks_have_empty_lines_around_several_lines_only() => Assert.Equal("a\nb\n\none\ntwo\n\nc\nd\n", Text($"{Code.Blocks(["a", "b", TwoLines, "", "c", "d"])}"));

    [Fact]
    public void Lists_are_separated_by_commas() => Assert.Equal("a, b|c, d\n", Text($"{Code.List(new Code[] { "a", "", "b" })}|{Code.List(new[] { "c", "d", "" })}"));

    [Fact]
    public void Emptiness_and_blocks_are_known_without_writing()
    {
        Assert.True(Code.Empty.IsEmpty);
        Assert.True(((Code)"").IsEmpty);
        Assert.True(Code.Of($"{Code.Empty}{""}").IsEmpty);
        Assert.False(Code.Of($"a").IsEmpty);
        Assert.False(((Code)"a").IsBlock);
        Assert.True(((Code)"a\nb").IsBlock);
        Assert.True(TwoLines.IsBlock);
        Assert.True(Code.Of($"{TwoLines}").IsBlock);
        Assert.True(Code.Of($"{"a\nb"}").IsBlock);
        Assert.False(Code.Of($"{"a"}{1}").IsBlock);
        Assert.True(Code.Lines(["a", "b"]).IsBlock);
        Assert.True(Code.Blocks(["a", "b"]).IsBlock);
        Assert.False(Code.List(["a", "b"]).IsBlock);
        Assert.False(Code.Lines(["a", ""]).IsBlock);
        Assert.True(Code.Lines(Array.Empty<Code>()).IsEmpty);
    }

    [Fact]
    public void The_start_is_found_in_nested_templates()
    {
        Assert.True(Code.Of($"if (a)").StartsWith("if "));
        Assert.True(Code.Of($"{Code.Of($"if {1}")}").StartsWith("if "));
        Assert.False(Code.Of($"iffy").StartsWith("if "));
        Assert.False(Code.Empty.StartsWith("if "));
    }

    [Fact]
    public void Numbers_are_written() => Assert.Equal("1 -2\n", Text($"{1} {-2}"));

    [Fact]
    public void A_writer_starts_empty_even_after_another()
    {
        Assert.Equal("a\n", Text($"a"));
        Assert.Equal("b\n", Text($"b"));
    }

    private static string Text(Code code) => code.ToString();
}
