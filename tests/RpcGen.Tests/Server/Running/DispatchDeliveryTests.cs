using RpcGen.Server.Running;

namespace RpcGen.Tests.Server.Running;

/// <summary>At-most-once calls and one-way calls.</summary>
public sealed class DispatchDeliveryTests : DispatchTest
{
    [Fact]
    public async Task An_at_most_once_call_is_acknowledged_before_it_runs()
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

        Assert.Equal(CallOutcome.Rejected, await Server.Dispatcher.HandleAsync(call, _ => { }).Soon());
    }

    [Fact]
    public async Task A_one_way_result_has_no_limit()
    {
        Server.Serve((_, _) => new(new string('x', 5000)), method: json => new TestMethod(json, "echo") { OneWay = true });

        (CallOutcome outcome, _) = await Server.HandleAsync(TestServer.Request(replyTo: null));

        Assert.Equal(CallOutcome.Completed, outcome);
    }
}
