using System.Diagnostics;
using RpcGen.Diagnostics;

namespace RpcGen.Tests.Diagnostics;

public sealed class TraceContextTests
{
    [Fact]
    public void A_span_has_a_traceparent_in_the_format_of_W3C_only()
    {
        using Activity w3c = new Activity("a").SetIdFormat(ActivityIdFormat.W3C).Start();
        using Activity other = new Activity("b").SetParentId("|x.").SetIdFormat(ActivityIdFormat.Hierarchical).Start();

        Assert.Equal(w3c.Id, TraceContext.TraceParent(w3c));
        Assert.Equal(ActivityIdFormat.Hierarchical, other.IdFormat);
        Assert.Null(TraceContext.TraceParent(other));
        Assert.Null(TraceContext.TraceParent(null));
    }

    [Fact]
    public void State_and_baggage_are_added_to_a_copy_of_the_headers()
    {
        using var span = new Activity("a");
        var headers = new Dictionary<string, object?> { ["x"] = 1 };
        Assert.Same(headers, TraceContext.AddTo(headers, span));
        Assert.Null(TraceContext.AddTo(null, span));

        span.AddBaggage("user", "me");
        Assert.Equal([new("baggage", "user=me")], TraceContext.AddTo(null, span)!);
        Assert.Equal([new("x", 1), new("baggage", "user=me")], TraceContext.AddTo(headers, span)!);
        Assert.Single(headers);
    }

    [Fact]
    public void State_needs_no_baggage()
    {
        using var span = new Activity("a") { TraceStateString = "vendor=1" };

        Assert.Equal([new("tracestate", "vendor=1")], TraceContext.AddTo(null, span)!);
    }

    [Fact]
    public void State_that_is_too_long_is_left_out()
    {
        using var span = new Activity("a") { TraceStateString = new string('x', TraceContext.MaxStateLength) };
        Assert.Single(TraceContext.AddTo(null, span)!);

        span.TraceStateString += "x";
        Assert.Null(TraceContext.AddTo(null, span));
    }

    [Fact]
    public void The_caller_s_span_is_read_from_the_headers()
    {
        const string parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

        ActivityContext context = TraceContext.Read(parent, new Dictionary<string, object?> { ["tracestate"] = "vendor=1" });

        Assert.Equal(("0af7651916cd43dd8448eb211c80319c", "vendor=1", true), (context.TraceId.ToString(), context.TraceState, context.IsRemote));
        Assert.Equal(default, TraceContext.Read(null, null));
        Assert.Equal(default, TraceContext.Read("nonsense", null));
    }

    [Theory]
    [InlineData("a=1", "a:1")]
    [InlineData("a=1,b=2", "b:2;a:1")]
    [InlineData(" a = 1 ;ttl=3 , , b=x%20y,c,=1, =2", "b:x y;a:1")]
    [InlineData("a=b=c", "a:b=c")]
    [InlineData("%61=1", "a:1")]
    [InlineData("", "")]
    public void Baggage_is_read_in_reverse(string header, string expected) =>
        Assert.Equal(expected, string.Join(';', W3CBaggage.Read(header).Select(entry => $"{entry.Name}:{entry.Value}")));

    [Fact]
    public void A_header_of_baggage_has_a_maximum_length()
    {
        Assert.Single(W3CBaggage.Read("a=" + new string('x', 8190)));
        Assert.Empty(W3CBaggage.Read("a=" + new string('x', 8191)));

        Assert.Equal(8191, W3CBaggage.Write([new("a", new string('x', 8189))])!.Length);
        Assert.Null(W3CBaggage.Write([new("a", new string('x', 8190))]));
        Assert.Equal(4096 + 1 + 4095, W3CBaggage.Write([new("a", new string('x', 4094)), new("b", new string('x', 4093)), new("c", "1")])!.Length);
    }

    [Fact]
    public void Baggage_is_escaped_and_entries_without_a_name_are_left_out()
    {
        Assert.Equal("a%20b=%2C%3D,c=", W3CBaggage.Write([new("a b", ",="), new("", "x"), new("c", null)]));
        Assert.Null(W3CBaggage.Write([]));
    }
}
