using System.Text.Json;
using RpcGen.Generated;
using RpcGen.Server.Running;
using RpcGen.Tests.Diagnostics;
using RpcGen.Transport;

namespace RpcGen.Tests.Server.Running;

/// <summary>What callers and logs are told when a call fails.</summary>
[Collection("telemetry")]
public sealed class CallFaultsTests
{
    private readonly TestServer _server = new();

    [Fact]
    public async Task An_undeclared_exception_stays_on_the_server()
    {
        (CallOutcome outcome, ServerCall call) = await FailAsync(new InvalidOperationException("secret"));

        Assert.Equal((CallOutcome.Faulted, "internal", "secret"), (outcome, call.FaultCode, call.Failure!.Message));
        Assert.Equal("'echo' failed. The server's log has the exception under call id 1.", Detail(call));
        Assert.False(Problem(call).TryGetProperty("exception", out _));
        Assert.False(Problem(call).TryGetProperty("ran", out _)); // the code implies it
        Assert.Equal([40], _server.Log.Ids);
    }

    [Fact]
    public async Task A_failure_without_call_id_names_none()
    {
        _server.Serve((_, _) => throw new InvalidOperationException("secret"));

        (_, ServerCall call) = await _server.HandleAsync(TestServer.Request(id: null));

        Assert.Equal("'echo' failed. The server's log has the exception.", Detail(call));
    }

    [Fact]
    public async Task Detailed_errors_disclose_the_exception()
    {
        _server.Settings = _server.Settings with { EnableDetailedErrors = true, MaxMessageBytes = 100_000 };

        (_, ServerCall call) = await FailAsync(new InvalidOperationException("secret"));

        Assert.Equal("secret", Detail(call));
        Assert.Contains("InvalidOperationException: secret", Problem(call).GetProperty("exception").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_result_that_cannot_be_written_is_said_to_be_so()
    {
        _server.Serve((_, _) => new("\ud800"));

        (CallOutcome outcome, ServerCall call) = await _server.HandleAsync(TestServer.Request());

        if (outcome == CallOutcome.Faulted)
        {
            Assert.Equal("'echo' ran, but its result cannot be written as JSON. The server's log has the exception under call id 1.", Detail(call));
        }
    }

    [Fact]
    public async Task A_reply_that_is_too_large_is_not_counted_as_a_refused_request()
    {
        using var telemetry = new Telemetry("result-too-large", spans: false);
        _server.Serve((_, _) => new(new string('x', 5000)));

        (CallOutcome outcome, ServerCall call) = await _server.HandleAsync(TestServer.Request());

        Assert.Equal((CallOutcome.Faulted, "result-too-large"), (outcome, call.FaultCode));
        Assert.Equal("The reply is too large.", Problem(call).GetProperty("title").GetString());
        Assert.Equal([51], _server.Log.Ids);
        Assert.Contains(telemetry.Measured, measured => measured.Name == "rpcgen.server.reply.refused");
        Assert.DoesNotContain(telemetry.Measured, measured => measured.Name == "rpcgen.server.request.refused");
    }

    [Fact]
    public async Task A_declared_exception_becomes_its_fault()
    {
        _server.Serve((_, _) => throw new KeyNotFoundException("no such thing"), method: json => new TestMethod(json, "echo") { DeclaredFaults = [new NotFoundFault(json)] });

        (CallOutcome outcome, ServerCall call) = await _server.HandleAsync(TestServer.Request());

        Assert.Equal((CallOutcome.Faulted, "not-found", null), (outcome, call.FaultCode, call.Failure));
        Assert.Equal(("no such thing", "urn:rpcgen:fault:not-found"), (Detail(call), Problem(call).GetProperty("type").GetString()));
        Assert.Empty(_server.Log.Ids);
    }

    [Fact]
    public async Task Other_exceptions_are_not_the_declared_fault()
    {
        _server.Serve((_, _) => throw new InvalidOperationException(), method: json => new TestMethod(json, "echo") { DeclaredFaults = [new NotFoundFault(json)] });

        (_, ServerCall call) = await _server.HandleAsync(TestServer.Request());

        Assert.Equal("internal", call.FaultCode);
    }

    [Fact]
    public async Task A_declared_exception_before_the_start_is_not_the_handler_s()
    {
        _server.Serve((text, _) => new(text), method: json => new TestMethod(json, "echo") { DeclaredFaults = [new NotFoundFault(json)], OnValidate = _ => throw new KeyNotFoundException() });

        (_, ServerCall call) = await _server.HandleAsync(TestServer.Request());

        Assert.Equal("internal", call.FaultCode);
        Assert.False(Problem(call).GetProperty("ran").GetBoolean());
    }

    [Fact]
    public async Task A_handler_that_cancels_itself_is_reported()
    {
        (CallOutcome outcome, ServerCall call) = await FailAsync(new OperationCanceledException());

        Assert.Equal((CallOutcome.Faulted, "cancelled"), (outcome, call.FaultCode));
    }

    [Fact]
    public async Task At_its_own_deadline_a_method_is_answered_with_a_timeout()
    {
        (CallOutcome outcome, ServerCall call) = await CancelInHandlerAsync(call => call.CancelIfLate(call.Deadline), expiration: null);

        Assert.Equal((CallOutcome.Faulted, "timeout", "'echo' took longer than its time limit of 30 s."), (outcome, call.FaultCode, Detail(call)));
    }

    [Fact]
    public async Task At_the_caller_s_deadline_nobody_waits_for_an_answer()
    {
        (CallOutcome outcome, _) = await CancelInHandlerAsync(call => call.CancelIfLate(call.Deadline), expiration: "100");

        Assert.Equal(CallOutcome.Dropped, outcome);
    }

    [Fact]
    public async Task A_cancelled_call_is_dropped()
    {
        (CallOutcome outcome, _) = await CancelInHandlerAsync(call => call.TryCancelByCaller("rpc.cb.me", new CorrelationId("1")), expiration: null);

        Assert.Equal(CallOutcome.Dropped, outcome);
    }

    [Fact]
    public async Task An_abandoned_call_is_dropped()
    {
        (CallOutcome outcome, _) = await CancelInHandlerAsync(call => call.Abandon(), expiration: null);

        Assert.Equal(CallOutcome.Dropped, outcome);
    }

    [Fact]
    public async Task A_one_way_failure_is_logged_and_rejected()
    {
        (CallOutcome outcome, ServerCall call) = await FailAsync(new InvalidOperationException("x"), isOneWay: true);

        Assert.Equal((CallOutcome.Rejected, "internal", "x", 0), (outcome, call.FaultCode, call.Failure!.Message, call.Reply.Length));
        Assert.Equal([47], _server.Log.Ids);
    }

    [Fact]
    public async Task A_one_way_denial_is_logged_and_rejected()
    {
        (CallOutcome outcome, ServerCall call) = await FailAsync(new RpcAccessDeniedException("x"), isOneWay: true);

        Assert.Equal((CallOutcome.Rejected, "permission-denied", 0), (outcome, call.FaultCode, call.Reply.Length));
        Assert.Equal([49], _server.Log.Ids);
    }

    [Fact]
    public async Task A_one_way_call_that_is_late_is_a_timeout()
    {
        (CallOutcome outcome, ServerCall call) = await CancelInHandlerAsync(call => call.CancelIfLate(call.Deadline), expiration: "100", isOneWay: true);

        Assert.Equal((CallOutcome.Rejected, "timeout"), (outcome, call.FaultCode));
    }

    [Fact]
    public async Task A_one_way_call_that_cancels_itself_has_failed()
    {
        (CallOutcome outcome, ServerCall call) = await FailAsync(new OperationCanceledException(), isOneWay: true);

        Assert.Equal((CallOutcome.Rejected, "internal"), (outcome, call.FaultCode));
    }

    [Fact]
    public async Task An_abandoned_one_way_call_is_left_to_another_server()
    {
        (CallOutcome outcome, _) = await CancelInHandlerAsync(call => call.Abandon(), expiration: null, isOneWay: true);

        Assert.Equal(CallOutcome.Dropped, outcome);
        Assert.Empty(_server.Log.Ids);
    }

    [Fact]
    public async Task Invalid_arguments_are_refused_with_their_errors()
    {
        _server.Serve((text, _) => new(text), method: json => new TestMethod(json, "echo") { OnValidate = validation => validation.Add("$.text", "too short") });

        (CallOutcome outcome, ServerCall call) = await _server.HandleAsync(TestServer.Request());

        Assert.Equal((CallOutcome.Faulted, "validation", false), (outcome, call.FaultCode, call.HasStarted));
        Assert.Equal("too short", Problem(call).GetProperty("errors").GetProperty("$.text")[0].GetString());
        Assert.Equal([42], _server.Log.Ids);
    }

    [Theory]
    [InlineData("no JSON")]
    [InlineData("""{"text":"x"} more""")]
    public async Task A_body_that_is_no_request_is_refused(string body)
    {
        _server.Serve((text, _) => new(text));

        (CallOutcome outcome, ServerCall call) = await _server.HandleAsync(TestServer.Request(body: body));

        Assert.Equal((CallOutcome.Faulted, "protocol", false), (outcome, call.FaultCode, call.HasStarted));
    }

    [Fact]
    public async Task Exceptions_of_the_runtime_s_types_are_the_handler_s_once_it_has_started()
    {
        (_, ServerCall protocol) = await FailAsync(new RpcProtocolException("nested"));
        (_, ServerCall validation) = await FailAsync(new RpcValidationException(new Dictionary<string, string[]> { ["$"] = ["nested"] }));

        Assert.Equal(("internal", "internal"), (protocol.FaultCode, validation.FaultCode));
    }

    private static JsonElement Problem(ServerCall call) => JsonElement.Parse(call.Reply.Written.Span);

    private static string? Detail(ServerCall call) => Problem(call).GetProperty("detail").GetString();

    private Task<(CallOutcome Outcome, ServerCall Call)> FailAsync(Exception exception, bool isOneWay = false)
    {
        _server.Clear();
        _server.Serve((_, _) => throw exception, method: json => new TestMethod(json, "echo") { OneWay = isOneWay });
        return _server.HandleAsync(TestServer.Request(replyTo: isOneWay ? null : "rpc.cb.me"));
    }

    private async Task<(CallOutcome Outcome, ServerCall Call)> CancelInHandlerAsync(Action<ServerCall> cancel, string? expiration, bool isOneWay = false)
    {
        ServerCall call = null!;
        _server.Serve(
            (_, token) =>
            {
                cancel(call);
                throw new OperationCanceledException(token);
            },
            method: json => new TestMethod(json, "echo") { OneWay = isOneWay });
        call = _server.Begin(TestServer.Request(expiration: expiration, replyTo: isOneWay ? null : "rpc.cb.me"));
        return (await _server.Dispatcher.HandleAsync(call, _ => default).Soon(), call);
    }

    private sealed class NotFoundFault(RpcJson json) : RpcFault<KeyNotFoundException>(json, "not-found")
    {
        protected override void Write(Utf8JsonWriter writer, KeyNotFoundException exception)
        {
        }

        protected override KeyNotFoundException Read(RpcFaultData data) => new(data.Message);
    }
}
