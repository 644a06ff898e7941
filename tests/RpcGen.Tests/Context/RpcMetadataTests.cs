namespace RpcGen.Tests.Context;

public sealed class RpcMetadataTests
{
    [Theory]
    [InlineData("traceparent")]
    [InlineData("TraceState")]
    [InlineData("baggage")]
    [InlineData("CC")]
    [InlineData("bcc")]
    [InlineData("x-death")]
    [InlineData("rpcgen-something")]
    public void Reserved_names_are_refused_with_the_reason(string name)
    {
        var metadata = new RpcMetadata();

        Assert.Contains($"'{name}'", Assert.Throws<ArgumentException>(() => metadata[name] = "x").Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new RpcMetadata([new(name, "x")]));
        Assert.Empty(metadata);
    }

    [Fact]
    public void What_AMQP_cannot_carry_is_refused()
    {
        var metadata = new RpcMetadata { [new string('x', 255)] = "fits" };

        Assert.Throws<ArgumentException>(() => metadata[""] = "x");
        Assert.Throws<ArgumentException>(() => metadata[new string('x', 256)] = "x");
        Assert.Throws<ArgumentException>(() => metadata[new string('ü', 128)] = "x");
        Assert.Throws<ArgumentNullException>(() => metadata["x"] = null!);
        Assert.Single(metadata);
    }

    [Fact]
    public void Too_much_is_refused_and_what_was_there_stays()
    {
        var metadata = new RpcMetadata { ["a"] = new string('x', RpcMetadata.MaxBytes - 2) };

        metadata["a"] = new string('x', RpcMetadata.MaxBytes - 1);
        Assert.Contains("16384", Assert.Throws<ArgumentException>(() => metadata["b"] = "xx").Message, StringComparison.Ordinal);
        Assert.Equal("a", Assert.Single(metadata).Key);
    }

    [Fact]
    public void Names_are_told_apart_by_case_and_the_last_value_holds()
    {
        RpcMetadata metadata = new() { { "a", "1" }, { "A", "2" }, { "a", "3" } };

        Assert.Equal(("3", "2", 2), (metadata["a"], metadata["A"], metadata.Count));
        Assert.True(metadata.Remove("A"));
        Assert.False(metadata.TryGetValue("A", out _));
    }

    [Fact]
    public void Many_may_set_at_the_same_time()
    {
        var metadata = new RpcMetadata();

        Parallel.For(0, 100, i => metadata[$"n{i}"] = "x");

        Assert.Equal(100, metadata.Count);
    }

    [Fact]
    public void Headers_are_made_once_for_as_long_as_nothing_changes()
    {
        var metadata = new RpcMetadata();
        Assert.Null(metadata.ToHeaders());
        metadata["a"] = "1";
        IReadOnlyDictionary<string, object?> headers = metadata.ToHeaders()!;

        Assert.Same(headers, metadata.ToHeaders());
        metadata["a"] = "2";
        Assert.Equal("2", metadata.ToHeaders()!["a"]);
        Assert.Equal("1", headers["a"]);
    }
}
