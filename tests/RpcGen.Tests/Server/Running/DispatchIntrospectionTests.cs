using System.Text.Json;
using RpcGen.Server.Running;

namespace RpcGen.Tests.Server.Running;

/// <summary>Pings and descriptions.</summary>
public sealed class DispatchIntrospectionTests : DispatchTest
{
    [Fact]
    public async Task A_question_without_reply_address_is_dropped_and_not_one_way()
    {
        Serve();

        (CallOutcome outcome, ServerCall call) = await Server.HandleAsync(TestServer.Request(type: "$ping", replyTo: null));

        Assert.Equal((CallOutcome.Dropped, false), (outcome, call.IsOneWay));
    }

    [Fact]
    public async Task A_ping_names_the_instance()
    {
        Serve();

        (CallOutcome outcome, ServerCall call) = await Server.HandleAsync(TestServer.Request(type: "$ping"));

        Assert.Equal(CallOutcome.Replied, outcome);
        Assert.Equal("0000000000000001", Problem(call).GetProperty("id").GetString());
        Assert.False(Problem(call).TryGetProperty("methods", out _));
    }

    [Fact]
    public async Task A_description_has_methods_and_counters()
    {
        Server.Settings = Server.Settings with { MaxMessageBytes = 10_000 };
        Serve();
        await Server.HandleAsync(TestServer.Request());
        await Server.HandleAsync(TestServer.Request(type: "nothing"));

        (CallOutcome outcome, ServerCall call) = await Server.HandleAsync(TestServer.Request(type: "$describe"));

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
        ServerCall call = Server.Begin(TestServer.Request(type: "$ping", expiration: "10"));
        Server.Time.Advance(TimeSpan.FromMilliseconds(10));

        Assert.Equal(CallOutcome.Dropped, await Server.Dispatcher.HandleAsync(call, _ => { }).Soon());
        Assert.Equal(0, call.Reply.Length);
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
}
