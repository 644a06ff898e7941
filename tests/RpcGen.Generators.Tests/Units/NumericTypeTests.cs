using RpcGen.Generators.Parsing.Validation;
using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests.Units;

public sealed class NumericTypeTests
{
    [Theory]
    [InlineData("int", "1", false, "5", false, ">= 1 and <= 5")]
    [InlineData("int", "1", true, "5", true, "> 1 and < 5")]
    [InlineData("int", "5", false, "5", false, ">= 5 and <= 5")]
    [InlineData("int", "2147483647", false, "1e10", false, ">= 2147483647")]
    [InlineData("int", "-1e10", false, "-2147483648", false, "<= -2147483648")]
    [InlineData("int", "1.5", false, "4.5", false, "> 1 and < 5")]
    [InlineData("int", "1.5", true, "4.5", true, "> 1 and < 5")]
    [InlineData("int", "-1.5", false, "-0.5", false, "> -2 and < 0")]
    [InlineData("int", "1,000", false, "1e4", false, ">= 1000 and <= 10000")]
    [InlineData("int", "-1e300", false, "5", false, "<= 5")]
    [InlineData("int", "5", false, "1e300", false, ">= 5")]
    [InlineData("int", "-2147483648", false, "2147483647", false, "")]
    [InlineData("int", "-2147483648", true, "2147483647", true, "> -2147483648 and < 2147483647")]
    [InlineData("sbyte", "-128", false, "127", false, "")]
    [InlineData("sbyte", "-127", false, "126", false, ">= -127 and <= 126")]
    [InlineData("byte", "0", false, "255", false, "")]
    [InlineData("byte", "1", false, "254", false, ">= 1 and <= 254")]
    [InlineData("short", "-32768", false, "32767", false, "")]
    [InlineData("short", "-32767", false, "32766", false, ">= -32767 and <= 32766")]
    [InlineData("ushort", "0", false, "65535", false, "")]
    [InlineData("ushort", "1", false, "65534", false, ">= 1 and <= 65534")]
    [InlineData("uint", "0", false, "4294967294", false, "<= 4294967294U")]
    [InlineData("uint", "1", false, "4294967295", false, ">= 1U")]
    [InlineData("long", "-9223372036854775807", false, "9223372036854775807", false, ">= -9223372036854775807L")]
    [InlineData("long", "-9223372036854775808", false, "9223372036854775806", false, "<= 9223372036854775806L")]
    [InlineData("ulong", "0", false, "18446744073709551614", false, "<= 18446744073709551614UL")]
    [InlineData("ulong", "1", false, "18446744073709551615", false, ">= 1UL")]
    [InlineData("decimal", "0.5", false, "2.5", true, ">= 0.5M and < 2.5M")]
    [InlineData("decimal", "0", false, "1e300", false, ">= 0M")]
    [InlineData("double", "0.5", false, "1e300", true, ">= 0.5D and < 1E+300D")]
    [InlineData("double", "0.5", true, "2", false, "> 0.5D and <= 2D")]
    [InlineData("float", "0", false, "1", false, ">= 0D and <= 1D")]
    public void A_range_becomes_a_pattern(string type, string from, bool fromIsExclusive, string to, bool toIsExclusive, string expected)
    {
        NumericType numeric = NumericType.Of(Snippet.Named(type))!;
        Assert.Null(numeric.TryPattern(new RangeBounds(from, fromIsExclusive, to, toIsExclusive), out string pattern));
        Assert.Equal(expected, pattern);
    }

    [Theory]
    [InlineData("int", "x", "5", "'x' to '5' are not numbers")]
    [InlineData("int", "1", "", "'1' to '' are not numbers")]
    [InlineData("int", "5", "1", "no value of its type is between '5' and '1'")]
    [InlineData("byte", "256", "300", "no value of its type is between '256' and '300'")]
    [InlineData("byte", "-5", "-1", "no value of its type is between '-5' and '-1'")]
    public void A_range_can_be_impossible(string type, string from, string to, string expected)
    {
        Assert.Equal(expected, NumericType.Of(Snippet.Named(type))!.TryPattern(new RangeBounds(from, false, to, false), out string pattern));
        Assert.Empty(pattern);
    }

    [Theory]
    [InlineData("string")]
    [InlineData("char")]
    [InlineData("System.Int128")]
    [InlineData("System.DayOfWeek")]
    public void Other_types_are_not_numeric(string type) => Assert.Null(NumericType.Of(Snippet.Named(type)));

    [Fact]
    public void Only_float_is_compared_as_double() => Assert.Equal(
        [true, false, false],
        new[] { "float", "double", "int" }.Select(type => NumericType.Of(Snippet.Named(type))!.IsComparedAsDouble));

    [Theory]
    [InlineData(false, false, "The field {0} must be between {1} and {2}.")]
    [InlineData(true, false, "The field {0} must be between {1} exclusive and {2}.")]
    [InlineData(false, true, "The field {0} must be between {1} and {2} exclusive.")]
    public void The_message_is_the_frameworks(bool fromIsExclusive, bool toIsExclusive, string expected) =>
        Assert.Equal(expected, new RangeBounds("1", fromIsExclusive, "2", toIsExclusive).FrameworkText);
}
