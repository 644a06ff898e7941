using RpcGen.Protocol;
using RpcGen.Server.Running;
using RpcGen.Transport;

namespace RpcGen.Tests.Server.Running;

/// <summary>What becomes of a call once its request is in order: deadline, promises, result.</summary>
public sealed class DispatchedCallTests : ServiceDispatcherTest
{
    [Fact]
    public async Task A_late_call_is_dropped()
    {
        Serve();
        ServerCall call = Server.Begin(TestServer.Request(expiration: "10"));
        Server.Time.Advance(TimeSpan.FromMilliseconds(10));

        Assert.Equal(CallOutcome.Dropped, await Server.Dispatcher.HandleAsync(call, _ => default).Soon());
        Assert.Equal((0, "its deadline has passed"), (Runs, Server.Log.Text(41)[^24..^1]));
    }

    [Fact]
    public async Task A_call_gets_its_deadline()
    {
        long? deadline = null;
        Server.Serve((text, _) =>
        {
            deadline = RpcCallContext.Current!.Remaining.Ticks;
            return new(text);
        });

        await Server.HandleAsync(TestServer.Request(expiration: "250"));

        Assert.Equal(TimeSpan.FromMilliseconds(250).Ticks, deadline);
    }

    [Fact]
    public async Task A_call_that_is_cancelled_or_abandoned_before_it_starts_is_dropped_silently()
    {
        Serve();
        ServerCall cancelled = Server.Begin(TestServer.Request());
        cancelled.TryCancelByCaller("rpc.cb.me", new CorrelationId("1"));
        ServerCall abandoned = Server.Begin(TestServer.Request());
        abandoned.Abandon();

        Assert.Equal(CallOutcome.Dropped, await Server.Dispatcher.HandleAsync(cancelled, _ => default).Soon());
        Assert.Equal(CallOutcome.Dropped, await Server.Dispatcher.HandleAsync(abandoned, _ => default).Soon());
        Assert.Equal(0, Runs);
        Assert.Empty(Server.Log.Ids);
    }

    [Theory]
    [InlineData("1000", 1_000, "The caller's time limit was over before 'echo' could start.")]
    [InlineData(null, 30_000, "'echo' took longer than its time limit of 30 s.")]
    [InlineData("4294967294", 1_800_000, "'echo' took longer than 1800 s, the longest time that RpcServerOptions.MaxTimeout gives a call. To allow more, raise it, or set [RpcTimeout] on the method.")]
    public async Task A_call_that_becomes_late_while_its_arguments_are_read_is_answered(string? expiration, int milliseconds, string reason)
    {
        Server.Serve(
            (text, _) =>
            {
                Runs++;
                return new(text);
            },
            method: json => new TestMethod(json, "echo") { OnValidate = _ => Server.Time.Advance(TimeSpan.FromMilliseconds(milliseconds)) });

        (CallOutcome outcome, ServerCall call) = await Server.HandleAsync(TestServer.Request(expiration: expiration));

        Assert.Equal((CallOutcome.Faulted, "timeout", 0, false), (outcome, call.FaultCode, Runs, call.HasStarted));
        Assert.Equal((reason, false), (Problem(call).GetProperty("detail").GetString(), Problem(call).GetProperty("ran").GetBoolean()));
        Assert.Equal([42], Server.Log.Ids);
    }

    /// <summary>A batch waits for places. Its callers can wait longer than the server lets a call run.</summary>
    [Theory]
    [InlineData("999", CallOutcome.Dropped)]
    [InlineData("1000", CallOutcome.Dropped)]
    [InlineData("1001", CallOutcome.Faulted)]
    [InlineData(null, CallOutcome.Faulted)]
    public async Task A_call_whose_deadline_passed_before_its_turn_is_answered_if_its_caller_can_still_wait(string? expiration, object outcome)
    {
        Server.Serve((text, _) => new(text), method: json => new TestMethod(json, "echo") { Limit = TimeSpan.FromSeconds(1) });
        ServerCall call = Server.Begin(TestServer.Request(expiration: expiration));
        Server.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(outcome, await Server.Dispatcher.HandleAsync(call, _ => default).Soon());
    }

    [Fact]
    public async Task A_one_way_call_that_becomes_late_while_its_arguments_are_read_is_rejected()
    {
        Server.Serve((text, _) => new(text), method: json => new TestMethod(json, "echo") { OneWay = true, OnValidate = _ => Server.Time.Advance(TimeSpan.FromSeconds(30)) });

        (CallOutcome outcome, _) = await Server.HandleAsync(TestServer.Request(replyTo: null));

        Assert.Equal(CallOutcome.Rejected, outcome);
    }

    [Fact]
    public async Task An_at_most_once_call_is_acknowledged_before_itRuns()
    {
        int acknowledged = -1;
        Server.Serve(
            (text, _) =>
            {
                acknowledged = Server.AcknowledgedEarly.Count;
                return new(text);
            },
            method: json => new TestMethod(json, "echo") { AtMostOnce = true });

        (CallOutcome outcome, ServerCall call) = await Server.HandleAsync(TestServer.Request());

        Assert.Equal((CallOutcome.Replied, 1), (outcome, acknowledged));
        Assert.Same(call.Delivery, Assert.Single(Server.AcknowledgedEarly));
    }

    [Fact]
    public async Task A_redelivered_at_most_once_call_is_not_run_again()
    {
        Server.Serve((text, _) => { Runs++; return new(text); }, method: json => new TestMethod(json, "echo") { AtMostOnce = true });

        (CallOutcome outcome, ServerCall call) = await Server.HandleAsync(TestServer.Request(isRedelivered: true));

        Assert.Equal((CallOutcome.Faulted, "interrupted", 0), (outcome, call.FaultCode, Runs));
        Assert.Empty(Server.AcknowledgedEarly);
        Assert.False(Problem(call).TryGetProperty("ran", out _)); // an earlier delivery may have run
    }

    [Fact]
    public async Task Other_redelivered_calls_run()
    {
        Serve();

        (CallOutcome outcome, _) = await Server.HandleAsync(TestServer.Request(isRedelivered: true));

        Assert.Equal((CallOutcome.Replied, 1), (outcome, Runs));
    }

    [Fact]
    public async Task A_one_way_call_needs_no_reply_address_and_is_completed()
    {
        Server.Serve((text, _) => new(text), method: json => new TestMethod(json, "echo") { OneWay = true });

        (CallOutcome outcome, ServerCall call) = await Server.HandleAsync(TestServer.Request(replyTo: null));
        (CallOutcome answered, _) = await Server.HandleAsync(TestServer.Request());

        Assert.Equal((CallOutcome.Completed, true), (outcome, call.IsOneWay));
        Assert.Equal(CallOutcome.Replied, answered); // its caller wants to know
    }

    [Fact]
    public async Task A_one_way_request_that_is_refused_is_rejected()
    {
        Serve();

        (CallOutcome outcome, ServerCall call) = await Server.HandleAsync(TestServer.Request(type: "nothing", replyTo: null));

        Assert.Equal((CallOutcome.Rejected, "unknown-method"), (outcome, call.FaultCode));
        Assert.Equal([48], Server.Log.Ids);
    }

    [Fact]
    public async Task A_late_one_way_call_is_rejected()
    {
        Server.Serve((text, _) => new(text), method: json => new TestMethod(json, "echo") { OneWay = true });
        ServerCall call = Server.Begin(TestServer.Request(replyTo: null, expiration: "10"));
        Server.Time.Advance(TimeSpan.FromMilliseconds(10));

        Assert.Equal(CallOutcome.Rejected, await Server.Dispatcher.HandleAsync(call, _ => default).Soon());
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

    [Theory]
    [InlineData(1000, "The reply has 1000 bytes, more than the broker's limit of 900 (max_message_size).")]
    [InlineData(1001, "The reply has 1001 bytes, more than the server's limit of 1000.")]
    public void The_fault_for_a_large_reply_names_the_limit_that_it_exceeds(int length, string reason)
    {
        ServerCall call = Server.Begin(TestServer.Request());
        call.Reply.Write(new byte[length]);

        new CallFaults(Server.Settings, Server.Environment).RefuseReply(call, brokerLimit: 900);

        Assert.Equal(reason, Problem(call).GetProperty("detail").GetString());
    }

    [Fact]
    public async Task The_fault_for_a_large_reply_says_so_if_no_handler_ran()
    {
        Server.Settings = Server.Settings with { MaxMessageBytes = 300 };
        Serve();

        (CallOutcome outcome, ServerCall call) = await Server.HandleAsync(TestServer.Request(type: "$describe"));

        Assert.Equal((CallOutcome.Faulted, "result-too-large"), (outcome, call.FaultCode));
        Assert.False(Problem(call).GetProperty("ran").GetBoolean());
    }

    [Fact]
    public async Task A_one_way_result_has_no_limit()
    {
        Server.Serve((_, _) => new(new string('x', 5000)), method: json => new TestMethod(json, "echo") { OneWay = true });

        (CallOutcome outcome, _) = await Server.HandleAsync(TestServer.Request(replyTo: null));

        Assert.Equal(CallOutcome.Completed, outcome);
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

    [Fact]
    public async Task A_failure_of_the_runtime_rejects_a_one_way_call()
    {
        Server.Serve((text, _) => new(text), method: json => new TestMethod(json, "echo") { AtMostOnce = true, OneWay = true });
        ServerCall call = Server.Begin(TestServer.Request(replyTo: null));

        CallOutcome outcome = await Server.Dispatcher.HandleAsync(call, _ => throw new InvalidOperationException("broken")).Soon();

        Assert.Equal((CallOutcome.Rejected, "internal", 0), (outcome, call.FaultCode, call.Reply.Length));
        Assert.Equal([47], Server.Log.Ids);
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
