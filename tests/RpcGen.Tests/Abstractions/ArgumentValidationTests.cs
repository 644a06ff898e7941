using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.Json;
using RpcGen.Generated;

namespace RpcGen.Tests.Abstractions;

/// <summary>How violations are collected, and how arguments are read.</summary>
public sealed class ArgumentValidationTests
{
    private static readonly RpcJson Json = CapturingBinder.CreateJson();
    private readonly RpcValidation _validation = new();

    [Fact]
    public void Violations_are_kept_by_path()
    {
        Assert.True(_validation.IsValid);
        Assert.True(_validation.Enter("order"));
        Assert.True(_validation.Enter("lines"));
        Assert.True(_validation.Enter(2));
        _validation.Fail("quantity", "Too many.");
        _validation.Fail("quantity", "Not even.");
        _validation.Leave();
        _validation.FailNull(3);
        _validation.Leave();
        Assert.True(_validation.EnterKey("plain"));
        _validation.NotNull("member", null);
        _validation.NotNull("present", 1);
        _validation.Leave();
        _validation.FailNullKey("not.plain");
        Assert.True(_validation.EnterKey(""));
        _validation.FailNull("x");
        _validation.Leave();
        _validation.Leave();

        Assert.Equal(
            [
                "order.lines[2].quantity: Too many. Not even.",
                "order.lines[3]: The value must not be null.",
                "order.plain.member: The value must not be null.",
                "order[''].x: The value must not be null.",
                "order['not.plain']: The value must not be null.",
            ],
            Errors());
        Assert.Equal((6, false), (_validation.Count, _validation.IsValid));
    }

    [Fact]
    public void What_could_not_be_read_is_not_checked()
    {
        _validation.Add("order.lines[2]", "It is bad.");
        _validation.Add("all", "It is bad.");

        Assert.False(_validation.CanCheck("order"));
        Assert.False(_validation.CanCheck("all"));
        Assert.True(_validation.CanCheck("ord"));
        Assert.True(_validation.CanCheck("lines"));
        Assert.False(_validation.EnterNotNull("order", null));
        Assert.False(_validation.EnterNotNull("order", 1));
        _validation.NotNull("all", null);
        Assert.Equal(2, _validation.Count);
        Assert.False(_validation.EnterNotNull("other", null));
        Assert.True(_validation.EnterNotNull("third", 1));
        Assert.False(_validation.EnterNotNull("order", null)); // a member of that name is another value
        Assert.Equal(["all: It is bad.", "order.lines[2]: It is bad.", "other: The value must not be null.", "third.order: The value must not be null."], Errors());
    }

    [Fact]
    public void Depth_and_number_are_limited()
    {
        for (int depth = 0; depth < 64; depth++)
        {
            Assert.True(_validation.Enter("a"));
        }

        Assert.False(_validation.Enter(7));
        Assert.EndsWith("a.a[7]: The value is nested deeper than 64 levels.", Assert.Single(Errors()), StringComparison.Ordinal);
        for (int i = 1; i < 300; i++)
        {
            _validation.Add($"p{i}", "It is bad.");
        }

        Assert.Equal((300, 256 + 1), (_validation.Count, Errors().Length)); // and one that says so
    }

    [Fact]
    public void Attributes_and_values_check_themselves()
    {
        _validation.Check(new RangeAttribute(1, 3), 2, instance: null, "N", "n", "n");
        _validation.Check(new RangeAttribute(1, 3), 4, instance: null, "N", "the n", "n");
        _validation.Enter("order");
        _validation.CheckWhole(new Everything(), "v", "The order", name => name.ToUpperInvariant());
        _validation.CheckWhole(new Whole([null!, new ValidationResult("Both are bad.", ["a", "b"]), new ValidationResult(null)]), "The order", name => name.ToUpperInvariant());

        Assert.Equal(
            ["n: The field the n must be between 1 and 3.", "order.A: Both are bad.", "order.B: Both are bad.", "order: Everything is bad. The value of The order is invalid."],
            Errors());
        Assert.Throws<ArgumentNullException>(() => _validation.Check(null!, 1, null, "", "", ""));
        Assert.Throws<ArgumentNullException>(() => _validation.CheckWhole(null!, 1, "", name => name));
        Assert.Throws<ArgumentNullException>(() => _validation.CheckWhole(null!, "", name => name));
    }

    [Fact]
    public void A_valid_instance_is_used_again_on_its_thread()
    {
        RpcValidation first = RpcValidation.Rent();
        first.ThrowIfInvalid();
        RpcValidation second = RpcValidation.Rent();

        Assert.Same(first, second);
        Assert.NotSame(first, RpcValidation.Rent());
        second.Add("a", "It is bad.");
        Assert.Equal("The arguments break the contract. a: It is bad.", Assert.Throws<RpcValidationException>(second.ThrowIfInvalid).Message);
        Assert.NotSame(second, RpcValidation.Rent());
    }

    [Theory]
    [InlineData("""{"n":3,"s":"x"}""", "3 x", "")]
    [InlineData("""{"other":[1],"s":null,"n":3}""", "3 ", "")]
    [InlineData("""{"n":3}""", "3 default", "")]
    [InlineData("{}", "0 default", "n: The argument is required.")]
    [InlineData("""{"n":"x","s":{"a":1}}""", "0 ", "n: Expected an integer from -2147483648 to 2147483647, but found a text. | s: Expected a text, but found an object.")]
    public void Arguments(string body, string values, string errors)
    {
        var reader = new RpcArgumentReader(Encoding.UTF8.GetBytes(body), 64, _validation);

        Assert.Equal((values, errors), (Read(ref reader), string.Join(" | ", Errors())));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("3")]
    [InlineData("""{"n":1,"n":2}""")]
    public void Broken_requests(string body) => Assert.Throws<RpcProtocolException>(() =>
    {
        var reader = new RpcArgumentReader(Encoding.UTF8.GetBytes(body), 64, _validation);
        Read(ref reader);
    });

    [Theory]
    [InlineData("")]
    [InlineData("""{"n":""")]
    [InlineData("{} 1")]
    [InlineData("""{"n":x}""")]
    public void Bodies_that_are_not_JSON(string body) => Assert.ThrowsAny<JsonException>(() =>
    {
        var reader = new RpcArgumentReader(Encoding.UTF8.GetBytes(body), 64, _validation);
        Read(ref reader);
    });

    private static string Read(ref RpcArgumentReader reader)
    {
        var n = new RpcProperty<int>(Json, "n");
        var s = new RpcProperty<string>(Json, "s", "default");
        RpcArgument<int> first = default;
        RpcArgument<string> second = default;
        while (reader.NextParameter())
        {
            _ = reader.Read(n, ref first) || reader.Read(s, ref second) || reader.Skip();
        }

        reader.ReadToEnd();
        return $"{first.Take(n, ref reader)} {second.Take(s, ref reader)}";
    }

    private string[] Errors()
    {
        try
        {
            _validation.ThrowIfInvalid();
            return [];
        }
        catch (RpcValidationException e)
        {
            return [.. e.Errors.Select(error => $"{error.Key}: {string.Join(' ', error.Value)}").Order(StringComparer.Ordinal)];
        }
    }

    private sealed class Everything : ValidationAttribute
    {
        protected override ValidationResult? IsValid(object? value, ValidationContext validationContext) => new("Everything is bad.");
    }

    private sealed class Whole(ValidationResult[] results) : IValidatableObject
    {
        public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => results;
    }
}
