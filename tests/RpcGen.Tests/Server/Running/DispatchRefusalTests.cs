using RpcGen.Server.Running;

namespace RpcGen.Tests.Server.Running;

/// <summary>Requests that are refused or dropped because of their properties.</summary>
public sealed class DispatchRefusalTests : DispatchTest
{
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("some.queue")]
    public async Task A_request_without_callback_address_is_dropped(string? replyTo)
    {
        Serve();

        (CallOutcome outcome, ServerCall call) = await Server.HandleAsync(TestServer.Request(replyTo: replyTo));

        Assert.Equal((CallOutcome.Dropped, 0, 0), (outcome, Runs, call.Reply.Length));
        Assert.Equal([41], Server.Log.Ids);
    }

    [Theory]
    [InlineData("application/json", "gzip")]
    [InlineData("text/html", null)]
    public async Task A_body_of_another_type_or_encoding_is_refused(string contentType, string? encoding)
    {
        Serve();

        (CallOutcome outcome, ServerCall call) = await Server.HandleAsync(TestServer.Request(contentType: contentType, encoding: encoding));

        Assert.Equal((CallOutcome.Faulted, "protocol", 0), (outcome, call.FaultCode, Runs));
        Assert.Equal("urn:rpcgen:fault:protocol", Problem(call).GetProperty("type").GetString());
        Assert.Equal([42], Server.Log.Ids);
    }

    [Theory]
    [InlineData(1000, "protocol")] // of the largest size: it is read, and no JSON
    [InlineData(1001, "too-large")]
    public async Task A_body_over_the_limit_is_refused(int length, string code)
    {
        Serve();

        (CallOutcome outcome, ServerCall call) = await Server.HandleAsync(TestServer.Request(body: new string('x', length)));

        Assert.Equal((CallOutcome.Faulted, code, 0), (outcome, call.FaultCode, Runs));
    }

    [Theory]
    [InlineData("nothing", "serves no method 'nothing'")]
    [InlineData(null, "names no method")]
    public async Task An_unknown_method_is_refused(string? type, string detail)
    {
        Serve();

        (CallOutcome outcome, ServerCall call) = await Server.HandleAsync(TestServer.Request(type: type));

        Assert.Equal((CallOutcome.Faulted, "unknown-method"), (outcome, call.FaultCode));
        Assert.Contains(detail, Problem(call).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("$later", RpcBodyStyle.Object)]
    [InlineData("$batch", RpcBodyStyle.Bare)]
    [InlineData("$ping", RpcBodyStyle.Bare)]
    [InlineData("$describe", RpcBodyStyle.Bare)]
    public async Task A_reserved_type_that_is_not_known_is_unsupported(string type, RpcBodyStyle style)
    {
        Server.Settings = TestServer.CreateSettings(style);
        Serve();

        (CallOutcome outcome, ServerCall call) = await Server.HandleAsync(TestServer.Request(type: type));

        Assert.Equal((CallOutcome.Faulted, "unsupported", 0), (outcome, call.FaultCode, Runs));
    }

    [Fact]
    public async Task The_bare_style_needs_no_type()
    {
        Server.Settings = TestServer.CreateSettings(RpcBodyStyle.Bare);
        Serve();

        (CallOutcome outcome, _) = await Server.HandleAsync(TestServer.Request(type: null, replyTo: "any.queue"));

        Assert.Equal((CallOutcome.Replied, 1), (outcome, Runs));
    }
}
