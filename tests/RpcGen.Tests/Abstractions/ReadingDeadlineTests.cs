using System.Text;
using System.Text.Json;
using RpcGen.Generated;

namespace RpcGen.Tests.Abstractions;

/// <summary>Large arguments are read only until the deadline.</summary>
public sealed class ReadingDeadlineTests
{
    private static readonly RpcJson Json = CapturingBinder.CreateJson();
    private static readonly RpcProperty<List<int>> Numbers = new(Json, "numbers");
    private readonly SteppingTime _time = new();
    private readonly RpcValidation _validation = new();

    [Fact]
    public void A_large_value_is_read_as_a_small_one()
    {
        List<int> expected = [.. Enumerable.Range(0, 100_000)];

        Assert.Equal(expected, Read($$""" {"other":1, "numbers" : [{{string.Join(", ", expected)}}] , "last":[{}] }""", deadline: long.MaxValue));
        Assert.True(_validation.IsValid);
        Assert.True(_time.Reads > 10, $"The clock was read {_time.Reads} times.");
        Assert.Equal([1], Read("""{"numbers":[1]}""", deadline: long.MaxValue));
    }

    [Fact]
    public void The_reading_ends_at_the_deadline()
    {
        string body = $$"""{"numbers":[{{string.Join(',', Enumerable.Range(0, 1_000_000))}}]}""";

        Assert.Throws<ReadingDeadlineException>(() => Read(body, deadline: 5));
        Assert.Equal(5, _time.Reads);
    }

    [Theory]
    [InlineData("\"x\"", true)]
    [InlineData("x", false)]
    [InlineData("[1,2", false)]
    public void A_large_value_that_does_not_fit_is_a_violation_and_one_that_is_not_JSON_is_none(string last, bool isViolation)
    {
        string body = $$"""{"numbers":[{{string.Join(',', Enumerable.Range(0, 50_000))}},{{last}}]}""";
        if (!isViolation)
        {
            Assert.ThrowsAny<JsonException>(() => Read(body, deadline: long.MaxValue));
            return;
        }

        Read(body, deadline: long.MaxValue);

        Assert.Equal("numbers[50000]", Assert.Single(Assert.Throws<RpcValidationException>(_validation.ThrowIfInvalid).Errors).Key);
    }

    [Fact]
    public void Too_deep_is_too_deep_in_a_large_value_too()
    {
        string body = $$"""{"numbers":[{{string.Join(',', Enumerable.Range(0, 50_000))}},{{new string('[', 63)}}{{new string(']', 63)}}]}""";

        Assert.ThrowsAny<JsonException>(() => Read(body, deadline: long.MaxValue));
    }

    private List<int>? Read(string text, long deadline)
    {
        byte[] body = Encoding.UTF8.GetBytes(text);
        var reader = new RpcArgumentReader(body, 64, _validation, new ReadingDeadline(body, _time, deadline));
        RpcArgument<List<int>> argument = default;
        while (reader.NextParameter())
        {
            _ = reader.Read(Numbers, ref argument) || reader.Skip();
        }

        reader.ReadToEnd();
        return argument.Take(Numbers, ref reader);
    }

    /// <summary>A clock that goes on each time it is read.</summary>
    private sealed class SteppingTime : TimeProvider
    {
        public long Reads { get; private set; }

        public override long GetTimestamp() => ++Reads;
    }
}
