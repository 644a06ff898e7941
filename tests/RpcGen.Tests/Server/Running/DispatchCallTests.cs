using RpcGen.Server.Running;

namespace RpcGen.Tests.Server.Running;

/// <summary>Calls that reach their handler, and failures on the way back.</summary>
public sealed class DispatchCallTests : DispatchTest
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

    [Fact]
    public async Task Other_redelivered_calls_run()
    {
        Serve();

        (CallOutcome outcome, _) = await Server.HandleAsync(TestServer.Request(isRedelivered: true));

        Assert.Equal((CallOutcome.Replied, 1), (outcome, Runs));
    }

    [Theory]
    [InlineData(998, nameof(CallOutcome.Replied), null)] // with quotes: of the largest size
    [InlineData(999, nameof(CallOutcome.Faulted), "result-too-large")]
    public async Task A_result_over_the_limit_becomes_a_fault(int length, string expected, string? code)
    {
        Server.Serve((_, _) => new(new string('x', length)));

        (CallOutcome outcome, ServerCall call) = await Server.HandleAsync(TestServer.Request());

        Assert.Equal((expected, code), (outcome.ToString(), call.FaultCode));
        Assert.InRange(call.Reply.Length, 1, 1000);
    }

    [Fact]
    public async Task A_failure_of_the_runtime_is_answered()
    {
        Server.Serve((text, _) => new(text), method: json => new TestMethod(json, "echo") { AtMostOnce = true });
        ServerCall call = Server.Begin(TestServer.Request());

        CallOutcome outcome = await Server.Dispatcher.HandleAsync(call, _ => throw new InvalidOperationException("broken")).Soon();

        Assert.Equal((CallOutcome.Faulted, "internal"), (outcome, call.FaultCode));
        Assert.Equal([40], Server.Log.Ids);
    }

    [Theory]
    [InlineData("rpc.cb.me", nameof(CallOutcome.Faulted))]
    [InlineData(null, nameof(CallOutcome.Rejected))]
    public async Task A_log_that_throws_does_not_keep_the_caller_waiting(string? replyTo, string expected)
    {
        Server.Serve((_, _) => throw new InvalidOperationException("handler"), method: json => new TestMethod(json, "echo") { OneWay = replyTo is null });
        Server.Log.Failure = new InvalidOperationException("log");

        (CallOutcome outcome, ServerCall call) = await Server.HandleAsync(TestServer.Request(replyTo: replyTo));

        Assert.Equal((expected, "internal"), (outcome.ToString(), call.FaultCode));
        Assert.Contains("its log failed too", Reply(call), StringComparison.Ordinal);
    }
}
