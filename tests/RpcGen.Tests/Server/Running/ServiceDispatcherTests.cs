using System.Text.Json;
using RpcGen.Server.Running;

namespace RpcGen.Tests.Server.Running;

/// <summary>What becomes of each kind of message, from the check of its properties on.</summary>
public sealed class ServiceDispatcherTests : ServiceDispatcherTest
{
    [Fact]
    public async Task A_call_is_answered_with_its_result()
    {
        Serve();

        (CallOutcome outcome, ServerCall call) = await Server.HandleAsync(TestServer.Request());

        Assert.Equal((CallOutcome.Replied, "\"HI\"", true, true), (outcome, Reply(call), call.HasStarted, call.HasInvokedHandler));
        Assert.Null(call.FaultCode);
        Assert.Single(Server.Log.Scopes);
        Assert.Empty(Server.AcknowledgedEarly);
    }

    [Fact]
    public async Task Without_a_log_there_is_no_scope()
    {
        Serve();
        Server.Log.IsOn = false;

        await Server.HandleAsync(TestServer.Request());

        Assert.Empty(Server.Log.Scopes);
    }

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

    [Fact]
    public async Task A_request_with_unreadable_headers_is_refused()
    {
        Serve();

        (CallOutcome outcome, ServerCall call) = await Server.HandleAsync(TestServer.Request() with { IsUnreadable = true });

        Assert.Equal((CallOutcome.Faulted, "protocol", 0), (outcome, call.FaultCode, Runs));
        Assert.Contains("unreadable headers", Problem(call).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_with_unreadable_headers_and_without_callback_address_is_dropped()
    {
        Serve();

        (CallOutcome outcome, ServerCall call) = await Server.HandleAsync(TestServer.Request(replyTo: null) with { IsUnreadable = true });

        Assert.Equal((CallOutcome.Dropped, 0, 0), (outcome, Runs, call.Reply.Length));
        Assert.Equal([41], Server.Log.Ids);
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
    public async Task A_question_without_reply_address_is_dropped_and_not_one_way()
    {
        Serve();

        (CallOutcome outcome, ServerCall call) = await Server.HandleAsync(TestServer.Request(type: "$ping", replyTo: null));

        Assert.Equal((CallOutcome.Dropped, false), (outcome, call.IsOneWay));
    }

    [Fact]
    public async Task The_bare_style_needs_no_type()
    {
        Server.Settings = TestServer.CreateSettings(RpcBodyStyle.Bare);
        Serve();

        (CallOutcome outcome, _) = await Server.HandleAsync(TestServer.Request(type: null, replyTo: "any.queue"));

        Assert.Equal((CallOutcome.Replied, 1), (outcome, Runs));
    }

    [Fact]
    public async Task A_batch_is_opened()
    {
        Serve();

        (CallOutcome outcome, ServerCall batch) = await Server.HandleAsync(TestServer.Request(type: "$batch", body: """[["x","echo",0,{"text":"a"}]]"""));

        Assert.Equal(CallOutcome.Opened, outcome);
        Assert.Single(OpenBatch(batch));
    }

    [Fact]
    public async Task A_batch_that_cannot_be_read_is_refused()
    {
        Serve();
        (_, ServerCall batch) = await Server.HandleAsync(TestServer.Request(type: "$batch", body: ""));

        Assert.False(Server.Dispatcher.TryOpenBatch(batch, Rent, []));
        Assert.Equal("protocol", batch.FaultCode);
        Assert.Equal("The batch has no calls.", Problem(batch).GetProperty("detail").GetString());
    }

    [Theory]
    [InlineData("echo", nameof(CallOutcome.Replied), null)]
    [InlineData("$ping", nameof(CallOutcome.Faulted), "unsupported")]
    [InlineData("$batch", nameof(CallOutcome.Faulted), "unsupported")]
    [InlineData("nothing", nameof(CallOutcome.Faulted), "unknown-method")]
    public async Task Entries_of_a_batch_are_calls_only(string type, string expected, string? code)
    {
        Serve();
        ServerCall batch = Server.Begin(TestServer.Request(type: "$batch", body: $$"""[["x","{{type}}",1000,{"text":"a"}]]"""));
        ServerCall entry = Assert.Single(OpenBatch(batch));

        CallOutcome outcome = await Server.Dispatcher.HandleAsync(entry, _ => default).Soon();

        Assert.Equal((expected, code, false), (outcome.ToString(), entry.FaultCode, entry.IsOneWay));
    }

    [Fact]
    public async Task A_ping_names_the_instance()
    {
        Serve();

        (CallOutcome outcome, ServerCall call) = await Server.HandleAsync(TestServer.Request(type: "$ping"));

        Assert.Equal(CallOutcome.Replied, outcome);
        Assert.Equal("0000000000000001", Problem(call).GetProperty("instance").GetProperty("id").GetString());
        Assert.False(Problem(call).TryGetProperty("methods", out _));
    }

    [Fact]
    public async Task Descriptions_and_statistics_have_the_methods()
    {
        Server.Settings = Server.Settings with { MaxMessageBytes = 10_000 };
        Serve();
        await Server.HandleAsync(TestServer.Request());
        await Server.HandleAsync(TestServer.Request(type: "nothing"));

        (CallOutcome outcome, ServerCall call) = await Server.HandleAsync(TestServer.Request(type: "$describe"));
        JsonElement statistics = Problem((await Server.HandleAsync(TestServer.Request(type: "$stats"))).Call);

        Assert.Equal(CallOutcome.Replied, outcome);
        Assert.Equal("echo", Assert.Single(Problem(call).GetProperty("methods").EnumerateArray()).GetProperty("name").GetString());
        Assert.Equal((64, 1), (statistics.GetProperty("places").GetInt32(), statistics.GetProperty("refused").GetInt32()));
        JsonElement method = Assert.Single(statistics.GetProperty("methods").EnumerateArray());
        Assert.Equal("""{"name":"echo","inFlight":0,"answered":1,"faulted":0,"cancelled":0,"refused":0,"durations":[1]}""", method.GetRawText());
    }

    [Fact]
    public async Task A_late_question_is_dropped()
    {
        Serve();
        ServerCall call = Server.Begin(TestServer.Request(type: "$ping", expiration: "10"));
        Server.Time.Advance(TimeSpan.FromMilliseconds(10));

        Assert.Equal(CallOutcome.Dropped, await Server.Dispatcher.HandleAsync(call, _ => default).Soon());
        Assert.Equal(0, call.Reply.Length);
    }

    private List<ServerCall> OpenBatch(ServerCall batch)
    {
        var calls = new List<ServerCall>();
        Assert.True(Server.Dispatcher.TryOpenBatch(batch, Rent, calls));
        return calls;
    }
}
