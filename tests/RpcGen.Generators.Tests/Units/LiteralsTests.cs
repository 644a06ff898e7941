using System.Globalization;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using RpcGen.Generators.Text;

namespace RpcGen.Generators.Tests.Units;

public sealed class LiteralsTests
{
    public static TheoryData<object, string> Constants => new()
    {
        { "a\"\\\n", "\"a\\\"\\\\\\n\"" },
        { true, "true" },
        { false, "false" },
        { '\'', "'\\''" },
        { (byte)7, "7" },
        { -5, "-5" },
        { 5U, "5U" },
        { -5L, "-5L" },
        { 5UL, "5UL" },
        { 1.5m, "1.5M" },
        { 1.5F, "1.5F" },
        { 0.1D, "0.1D" },
        { 1e300, "1E+300D" },
        { -0.0D, "-0D" },
        { -0.0F, "-0F" },
        { 0D, "0D" },
        { 0F, "0F" },
        { double.NaN, "double.NaN" },
        { double.PositiveInfinity, "double.PositiveInfinity" },
        { double.NegativeInfinity, "double.NegativeInfinity" },
        { float.NaN, "float.NaN" },
        { float.PositiveInfinity, "float.PositiveInfinity" },
        { float.NegativeInfinity, "float.NegativeInfinity" },
    };

    [Theory]
    [MemberData(nameof(Constants))]
    public void Constants_become_literals(object value, string expected) => Assert.Equal(expected, Literals.Of(value));

    [Theory]
    [InlineData(double.MaxValue)]
    [InlineData(double.Epsilon)]
    [InlineData(1.0 / 3)]
    [InlineData(float.MaxValue)]
    [InlineData(float.Epsilon)]
    [InlineData(1F / 3)]
    public void Numbers_read_back_as_they_were(object value) =>
        Assert.Equal(value, ((LiteralExpressionSyntax)SyntaxFactory.ParseExpression(Literals.Of(value))).Token.Value);

    [Fact]
    public void The_culture_makes_no_difference()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        comma.NumberFormat.NumberDecimalSeparator = ",";
        comma.NumberFormat.NegativeSign = "~";
        try
        {
            CultureInfo.CurrentCulture = comma;
            Assert.Equal(["-1.5M", "-1.5D", "-1.5F", "-1", "-1L"], new object[] { -1.5m, -1.5D, -1.5F, -1, -1L }.Select(Literals.Of));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Other_objects_have_no_literal() => Assert.Throws<ArgumentException>(() => Literals.Of(new object()));

    [Theory]
    [InlineData("plain", "<c>plain</c>")]
    [InlineData("", "<c></c>")]
    [InlineData("a<b>&c", "<c>a&lt;b&gt;&amp;c</c>")]
    [InlineData("a\nb\u2028c\u2029d\u0000e\uFFFEf", "<c>a b c d e f</c>")]
    [InlineData("\U0001F600!", "<c>\U0001F600!</c>")]
    public void Xml_text_is_escaped_and_stays_on_its_line(string text, string expected) => Assert.Equal(expected, XmlText.Of(text));

    /// <summary>A lone surrogate cannot be an attribute's argument.</summary>
    [Fact]
    public void Half_a_character_is_not_xml() => Assert.Equal("<c>lone  .</c>", XmlText.Of("lone \uD83D."));
}
