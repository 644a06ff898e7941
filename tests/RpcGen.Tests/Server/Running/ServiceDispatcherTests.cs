using System.Text;
using System.Text.Json;
using RpcGen.Generated;
using RpcGen.Server.Running;
using RpcGen.Transport;

namespace RpcGen.Tests.Server.Running;

/// <summary>What becomes of each kind of request, from the check of its properties to its outcome.</summary>
public sealed class ServiceDispatcherTests
{
    private readonly TestServer _server = new();
    private int _runs;

    [Fact]
    public async Task A_call_is_answered_with_its_result()
    {
        Serve();

        (CallOutcome outcome, ServerCall call) = await _server.HandleAsync(TestServer.Request());

        Assert.Equal((CallOutcome.Replied, "\"HI\"", true, true), (outcome, Reply(call), call.HasStarted, call.HasInvokedHandler));
        Assert.Null(call.FaultCode);
        Assert.Single(_server.Log.Scopes);
        Assert.Empty(_server.AcknowledgedEarly);
    }

    [Fact]
    public async Task Without_a_log_there_is_no_scope()
    {
        Serve();
        _server.Log.IsOn = false;

        await _server.HandleAsync(TestServer.Request());

        Assert.Empty(_server.Log.Scopes);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("some.queue")]
    public async Task A_request_without_callback_address_is_dropped(string? replyTo)
    {
        Serve();

        (CallOutcome outcome, ServerCall call) = await _server.HandleAsync(TestServer.Request(replyTo: replyTo));

        Assert.Equal((CallOutcome.Dropped, 0, 0), (outcome, _runs, call.Reply.Length));
        Assert.Equal([41], _server.Log.Ids);
    }

    [Theory]
    [InlineData("application/json", "gzip")]
    [InlineData("text/html", null)]
    public async Task A_body_of_another_type_or_encoding_is_refused(string contentType, string? encoding)
    {
        Serve();

        (CallOutcome outcome, ServerCall call) = await _server.HandleAsync(TestServer.Request(contentType: contentType, encoding: encoding));

        Assert.Equal((CallOutcome.Faulted, "protocol", 0), (outcome, call.FaultCode, _runs));
        Assert.Equal("urn:rpcgen:fault:protocol", Problem(call).GetProperty("type").GetString());
        Assert.Equal([42], _server.Log.Ids);
    }

    [Theory]
    [InlineData(1000, "protocol")] // of the largest size: it is read, and no JSON
    [InlineData(1001, "too-large")]
    public async Task A_body_over_the_limit_is_refused(int length, string code)
    {
        Serve();

        (CallOutcome outcome, ServerCall call) = await _server.HandleAsync(TestServer.Request(body: new string('x', length)));

        Assert.Equal((CallOutcome.Faulted, code, 0), (outcome, call.FaultCode, _runs));
    }

    [Theory]
    [InlineData("nothing", "serves no method 'nothing'")]
    [InlineData(null, "names no method")]
    public async Task An_unknown_method_is_refused(string? type, string detail)
    {
        Serve();

        (CallOutcome outcome, ServerCall call) = await _server.HandleAsync(TestServer.Request(type: type));

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
        _server.Settings = TestServer.CreateSettings(style);
        Serve();

        (CallOutcome outcome, ServerCall call) = await _server.HandleAsync(TestServer.Request(type: type));

        Assert.Equal((CallOutcome.Faulted, "unsupported", 0), (outcome, call.FaultCode, _runs));
    }

    [Fact]
    public async Task A_question_without_reply_address_is_dropped_and_not_one_way()
    {
        Serve();

        (CallOutcome outcome, ServerCall call) = await _server.HandleAsync(TestServer.Request(type: "$ping", replyTo: null));

        Assert.Equal((CallOutcome.Dropped, false), (outcome, call.IsOneWay));
    }

    [Fact]
    public async Task The_bare_style_needs_no_type()
    {
        _server.Settings = TestServer.CreateSettings(RpcBodyStyle.Bare);
        Serve();

        (CallOutcome outcome, _) = await _server.HandleAsync(TestServer.Request(type: null, replyTo: "any.queue"));

        Assert.Equal((CallOutcome.Replied, 1), (outcome, _runs));
    }

    [Fact]
    public async Task A_batch_is_opened()
    {
        Serve();

        (CallOutcome outcome, ServerCall batch) = await _server.HandleAsync(TestServer.Request(type: "$batch", body: """[["x","echo",0,{"text":"a"}]]"""));

        Assert.Equal(CallOutcome.Opened, outcome);
        Assert.Single(_server.Dispatcher.OpenBatch(batch, Rent)!);
    }

    [Fact]
    public async Task A_batch_that_cannot_be_read_is_refused()
    {
        Serve();
        (_, ServerCall batch) = await _server.HandleAsync(TestServer.Request(type: "$batch", body: "[]"));

        Assert.Null(_server.Dispatcher.OpenBatch(batch, Rent));
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
        ServerCall batch = _server.Begin(TestServer.Request(type: "$batch", body: $$"""[["x","{{type}}",1000,{"text":"a"}]]"""));
        ServerCall entry = Assert.Single(_server.Dispatcher.OpenBatch(batch, Rent)!);

        CallOutcome outcome = await _server.Dispatcher.HandleAsync(entry, _ => { }).Soon();

        Assert.Equal((expected, code, false), (outcome.ToString(), entry.FaultCode, entry.IsOneWay));
    }

    [Fact]
    public async Task A_ping_names_the_instance()
    {
        Serve();

        (CallOutcome outcome, ServerCall call) = await _server.HandleAsync(TestServer.Request(type: "$ping"));

        Assert.Equal(CallOutcome.Replied, outcome);
        Assert.Equal("0000000000000001", Problem(call).GetProperty("id").GetString());
        Assert.False(Problem(call).TryGetProperty("methods", out _));
    }

    [Fact]
    public async Task A_description_has_methods_and_counters()
    {
        _server.Settings = _server.Settings with { MaxMessageBytes = 10_000 };
        Serve();
        await _server.HandleAsync(TestServer.Request());
        await _server.HandleAsync(TestServer.Request(type: "nothing"));

        (CallOutcome outcome, ServerCall call) = await _server.HandleAsync(TestServer.Request(type: "$describe"));

        Assert.Equal(CallOutcome.Replied, outcome);
        JsonElement description = Problem(call);
        Assert.Equal("echo", Assert.Single(description.GetProperty("methods").EnumerateArray()).GetProperty("name").GetString());
        Assert.Equal((1, 1, 0), (Counter("answered"), Counter("refused"), Counter("inFlight")));

        int Counter(string name) => description.GetProperty("counters").GetProperty(name).GetInt32();
    }

    [Fact]
    public async Task A_late_question_is_dropped()
    {
        Serve();
        ServerCall call = _server.Begin(TestServer.Request(type: "$ping", expiration: "10"));
        _server.Time.Advance(TimeSpan.FromMilliseconds(10));

        Assert.Equal(CallOutcome.Dropped, await _server.Dispatcher.HandleAsync(call, _ => { }).Soon());
        Assert.Equal(0, call.Reply.Length);
    }

    [Fact]
    public async Task A_late_call_is_dropped()
    {
        Serve();
        ServerCall call = _server.Begin(TestServer.Request(expiration: "10"));
        _server.Time.Advance(TimeSpan.FromMilliseconds(10));

        Assert.Equal(CallOutcome.Dropped, await _server.Dispatcher.HandleAsync(call, _ => { }).Soon());
        Assert.Equal((0, "its deadline has passed"), (_runs, _server.Log.Text(41)[^24..^1]));
    }

    [Fact]
    public async Task A_call_gets_its_deadline()
    {
        long? deadline = null;
        _server.Serve((text, _) =>
        {
            deadline = RpcCallContext.Current!.Remaining.Ticks;
            return new(text);
        });

        await _server.HandleAsync(TestServer.Request(expiration: "250"));

        Assert.Equal(TimeSpan.FromMilliseconds(250).Ticks, deadline);
    }

    [Fact]
    public async Task A_call_that_is_cancelled_or_abandoned_before_it_starts_is_dropped_silently()
    {
        Serve();
        ServerCall cancelled = _server.Begin(TestServer.Request());
        cancelled.TryCancelByCaller("rpc.cb.me", "1");
        ServerCall abandoned = _server.Begin(TestServer.Request());
        abandoned.Abandon();

        Assert.Equal(CallOutcome.Dropped, await _server.Dispatcher.HandleAsync(cancelled, _ => { }).Soon());
        Assert.Equal(CallOutcome.Dropped, await _server.Dispatcher.HandleAsync(abandoned, _ => { }).Soon());
        Assert.Equal(0, _runs);
        Assert.Empty(_server.Log.Ids);
    }

    [Fact]
    public async Task A_call_that_becomes_late_while_its_arguments_are_read_is_dropped()
    {
        _server.Serve((text, _) => { _runs++; return new(text); }, method: json => new TestMethod(json, "echo") { OnValidate = _ => _server.Time.Advance(TimeSpan.FromSeconds(1)) });

        (CallOutcome outcome, ServerCall call) = await _server.HandleAsync(TestServer.Request(expiration: "1000"));

        Assert.Equal((CallOutcome.Dropped, 0, false), (outcome, _runs, call.HasStarted));
        Assert.Equal([41], _server.Log.Ids);
    }

    [Fact]
    public async Task An_at_most_once_call_is_acknowledged_before_it_runs()
    {
        int acknowledged = -1;
        _server.Serve(
            (text, _) =>
            {
                acknowledged = _server.AcknowledgedEarly.Count;
                return new(text);
            },
            method: json => new TestMethod(json, "echo") { AtMostOnce = true });

        (CallOutcome outcome, ServerCall call) = await _server.HandleAsync(TestServer.Request());

        Assert.Equal((CallOutcome.Replied, 1), (outcome, acknowledged));
        Assert.Same(call.Delivery, Assert.Single(_server.AcknowledgedEarly));
    }

    [Fact]
    public async Task A_redelivered_at_most_once_call_is_not_run_again()
    {
        _server.Serve((text, _) => { _runs++; return new(text); }, method: json => new TestMethod(json, "echo") { AtMostOnce = true });

        (CallOutcome outcome, ServerCall call) = await _server.HandleAsync(TestServer.Request(isRedelivered: true));

        Assert.Equal((CallOutcome.Faulted, "interrupted", 0), (outcome, call.FaultCode, _runs));
        Assert.Empty(_server.AcknowledgedEarly);
        Assert.False(Problem(call).TryGetProperty("ran", out _)); // an earlier delivery may have run
    }

    [Fact]
    public async Task Other_redelivered_calls_run()
    {
        Serve();

        (CallOutcome outcome, _) = await _server.HandleAsync(TestServer.Request(isRedelivered: true));

        Assert.Equal((CallOutcome.Replied, 1), (outcome, _runs));
    }

    [Fact]
    public async Task A_one_way_call_needs_no_reply_address_and_is_completed()
    {
        _server.Serve((text, _) => new(text), method: json => new TestMethod(json, "echo") { OneWay = true });

        (CallOutcome outcome, ServerCall call) = await _server.HandleAsync(TestServer.Request(replyTo: null));
        (CallOutcome answered, _) = await _server.HandleAsync(TestServer.Request());

        Assert.Equal((CallOutcome.Completed, true), (outcome, call.IsOneWay));
        Assert.Equal(CallOutcome.Replied, answered); // its caller wants to know
    }

    [Fact]
    public async Task A_one_way_request_that_is_refused_is_rejected()
    {
        Serve();

        (CallOutcome outcome, ServerCall call) = await _server.HandleAsync(TestServer.Request(type: "nothing", replyTo: null));

        Assert.Equal((CallOutcome.Rejected, "unknown-method"), (outcome, call.FaultCode));
        Assert.Equal([48], _server.Log.Ids);
    }

    [Fact]
    public async Task A_late_one_way_call_is_rejected()
    {
        _server.Serve((text, _) => new(text), method: json => new TestMethod(json, "echo") { OneWay = true });
        ServerCall call = _server.Begin(TestServer.Request(replyTo: null, expiration: "10"));
        _server.Time.Advance(TimeSpan.FromMilliseconds(10));

        Assert.Equal(CallOutcome.Rejected, await _server.Dispatcher.HandleAsync(call, _ => { }).Soon());
    }

    [Theory]
    [InlineData(998, nameof(CallOutcome.Replied), null)] // with quotes: of the largest size
    [InlineData(999, nameof(CallOutcome.Faulted), "result-too-large")]
    public async Task A_result_over_the_limit_becomes_a_fault(int length, string expected, string? code)
    {
        _server.Serve((_, _) => new(new string('x', length)));

        (CallOutcome outcome, ServerCall call) = await _server.HandleAsync(TestServer.Request());

        Assert.Equal((expected, code), (outcome.ToString(), call.FaultCode));
        Assert.InRange(call.Reply.Length, 1, 1000);
    }

    [Fact]
    public async Task The_fault_for_a_large_reply_says_so_if_no_handler_ran()
    {
        _server.Settings = _server.Settings with { MaxMessageBytes = 300 };
        Serve();

        (CallOutcome outcome, ServerCall call) = await _server.HandleAsync(TestServer.Request(type: "$describe"));

        Assert.Equal((CallOutcome.Faulted, "result-too-large"), (outcome, call.FaultCode));
        Assert.False(Problem(call).GetProperty("ran").GetBoolean());
    }

    [Fact]
    public async Task A_one_way_result_has_no_limit()
    {
        _server.Serve((_, _) => new(new string('x', 5000)), method: json => new TestMethod(json, "echo") { OneWay = true });

        (CallOutcome outcome, _) = await _server.HandleAsync(TestServer.Request(replyTo: null));

        Assert.Equal(CallOutcome.Completed, outcome);
    }

    [Fact]
    public async Task A_failure_of_the_runtime_is_answered()
    {
        _server.Serve((text, _) => new(text), method: json => new TestMethod(json, "echo") { AtMostOnce = true });
        ServerCall call = _server.Begin(TestServer.Request());

        CallOutcome outcome = await _server.Dispatcher.HandleAsync(call, _ => throw new InvalidOperationException("broken")).Soon();

        Assert.Equal((CallOutcome.Faulted, "internal"), (outcome, call.FaultCode));
        Assert.Equal([40], _server.Log.Ids);
    }

    [Theory]
    [InlineData("rpc.cb.me", nameof(CallOutcome.Faulted))]
    [InlineData(null, nameof(CallOutcome.Rejected))]
    public async Task A_log_that_throws_does_not_keep_the_caller_waiting(string? replyTo, string expected)
    {
        _server.Serve((_, _) => throw new InvalidOperationException("handler"), method: json => new TestMethod(json, "echo") { OneWay = replyTo is null });
        _server.Log.Failure = new InvalidOperationException("log");

        (CallOutcome outcome, ServerCall call) = await _server.HandleAsync(TestServer.Request(replyTo: replyTo));

        Assert.Equal((expected, "internal"), (outcome.ToString(), call.FaultCode));
        Assert.Contains("its log failed too", Reply(call), StringComparison.Ordinal);
    }

    private static string Reply(ServerCall call) => Encoding.UTF8.GetString(call.Reply.Written.Span);

    private static JsonElement Problem(ServerCall call) => JsonElement.Parse(call.Reply.Written.Span);

    private void Serve() => _server.Serve((text, _) =>
    {
        _runs++;
        return new(text.ToUpperInvariant());
    });

    private ServerCall Rent() => new(new EarliestDeadline(_server.Time, _ => long.MaxValue));
}
