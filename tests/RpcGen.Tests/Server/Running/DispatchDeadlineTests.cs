using RpcGen.Server.Running;

namespace RpcGen.Tests.Server.Running;

/// <summary>The deadline of a call, and calls that are late, cancelled or abandoned before they start.</summary>
public sealed class DispatchDeadlineTests : DispatchTest
{
    [Fact]
    public async Task A_late_call_is_dropped()
    {
        Serve();
        ServerCall call = Server.Begin(TestServer.Request(expiration: "10"));
        Server.Time.Advance(TimeSpan.FromMilliseconds(10));

        Assert.Equal(CallOutcome.Dropped, await Server.Dispatcher.HandleAsync(call, _ => { }).Soon());
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
        cancelled.TryCancelByCaller("rpc.cb.me", "1");
        ServerCall abandoned = Server.Begin(TestServer.Request());
        abandoned.Abandon();

        Assert.Equal(CallOutcome.Dropped, await Server.Dispatcher.HandleAsync(cancelled, _ => { }).Soon());
        Assert.Equal(CallOutcome.Dropped, await Server.Dispatcher.HandleAsync(abandoned, _ => { }).Soon());
        Assert.Equal(0, Runs);
        Assert.Empty(Server.Log.Ids);
    }

    [Fact]
    public async Task A_call_that_becomes_late_while_its_arguments_are_read_is_dropped()
    {
        Server.Serve((text, _) => { Runs++; return new(text); }, method: json => new TestMethod(json, "echo") { OnValidate = _ => Server.Time.Advance(TimeSpan.FromSeconds(1)) });

        (CallOutcome outcome, ServerCall call) = await Server.HandleAsync(TestServer.Request(expiration: "1000"));

        Assert.Equal((CallOutcome.Dropped, 0, false), (outcome, Runs, call.HasStarted));
        Assert.Equal([41], Server.Log.Ids);
    }
}
