using RpcGen.Server.Running;
using RpcGen.Transport;

namespace RpcGen.Tests.Server.Consuming;

/// <summary>Questions to an instance do not wait for its calls.</summary>
public sealed class InstanceQuestionTests : ServeLinkTest, IRpcAuthorizer
{
    private readonly List<string> _asked = [];
    private TaskCompletionSource<bool> _decision = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Task<bool>> _deciding = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ValueTask<bool> IsAllowedAsync(RpcCallContext context, string policy)
    {
        Assert.Equal("insiders", policy);
        _asked.Add(context.Method.Name);
        if (context.BrokerUser == "admin")
        {
            return new(true);
        }

        Task<bool> deciding = _decision.Task.WaitAsync(context.CancellationToken);
        _deciding.TrySetResult(deciding);
        return new(deciding);
    }

    [Theory]
    [InlineData("$ping", "\"id\"")]
    [InlineData("$describe", "\"methods\"")]
    [InlineData("$stats", "\"places\":1,\"running\":1,\"waiting\":1,")]
    public async Task They_are_answered_although_every_place_is_taken(string type, string part)
    {
        Server.Settings = Server.Settings with { MaxConcurrentCalls = 1 };
        await ServeHeldAsync();
        Server.Deliver(TestServer.Request(id: "2", type: type, tag: 2));

        Ask(type, "3");

        SentMessage answer = await Channel.NextReplyAsync(); // the first reply: "2" still waits for the place
        Assert.Equal(("rpc.cb.me", "3", null), (answer.RoutingKey, answer.Id, answer.Type));
        Assert.Contains(part, answer.Body, StringComparison.Ordinal);
        Release.SetResult();
    }

    [Theory]
    [InlineData("echo", "rpc.cb.me")] // a call would take no place
    [InlineData("$batch", "rpc.cb.me")]
    [InlineData("$later", "rpc.cb.me")]
    [InlineData("$ping", null)]
    [InlineData("$watch", "Shop.Orders")]
    [InlineData("$ping", "Shop.Orders")] // somebody's request queue
    public async Task Nothing_else_is_answered(string type, string? replyTo)
    {
        await ServeHeldAsync();

        SendCancel(replyTo, "3", type);
        Ask("$ping", "4");

        Assert.Equal("4", (await Channel.NextReplyAsync()).Id);
        Release.SetResult();
    }

    [Fact]
    public async Task Only_so_many_are_answered_in_a_second()
    {
        await ServeHeldAsync();
        for (int i = 0; i <= InstanceQuestions.MaxPerSecond; i++)
        {
            Ask("$ping", $"of the first second {i}");
        }

        for (int i = 0; i < InstanceQuestions.MaxPerSecond; i++)
        {
            Assert.StartsWith("of the first", (await Channel.NextReplyAsync()).Id, StringComparison.Ordinal);
        }

        Ask("$ping", "of another asker", replyTo: "rpc.cb.other");
        Assert.Equal("of another asker", (await Channel.NextReplyAsync()).Id);
        Server.Time.Advance(TimeSpan.FromSeconds(1));
        Ask("$ping", "of the next");
        Assert.Equal("of the next", (await Channel.NextReplyAsync()).Id);
        Release.SetResult();
    }

    [Fact]
    public async Task A_server_that_stops_answers_no_more()
    {
        await ServeHeldAsync();
        Task draining = Server.Link.DrainAsync();

        Ask("$ping", "3");
        Release.SetResult();
        await draining.Soon();

        Assert.Equal("1", (await Channel.NextReplyAsync()).Id);
        Assert.Equal(0, Channel.PendingReplies);
    }

    [Fact]
    public async Task A_policy_guards_the_description_and_nothing_guards_pings()
    {
        Guard("insiders");
        await ServeHeldAsync();

        Ask("$describe", "2");
        Ask("$ping", "3");
        Assert.Equal("3", (await Channel.NextReplyAsync()).Id); // the decision on the other takes its time
        _decision.SetResult(false);
        SentMessage refused = await Channel.NextReplyAsync();
        Assert.Equal(("2", "fault"), (refused.Id, refused.Type));
        Assert.Contains("urn:rpcgen:fault:unauthenticated", refused.Body, StringComparison.Ordinal);

        Ask("$describe", "4", "admin");
        Assert.Contains("\"methods\"", (await Channel.NextReplyAsync()).Body, StringComparison.Ordinal);
        Ask("$describe", "5", "admin", exchange: "rogue.cancel"); // bound to q.cancel: admin sent it elsewhere
        Assert.Contains("urn:rpcgen:fault:unauthenticated", (await Channel.NextReplyAsync()).Body, StringComparison.Ordinal);
        Release.SetResult();
    }

    [Fact]
    public async Task The_same_policy_guards_the_statistics()
    {
        Guard("insiders");
        _decision.SetResult(false);
        await ServeHeldAsync();

        Ask("$stats", "2");
        Assert.Contains("urn:rpcgen:fault:unauthenticated", (await Channel.NextReplyAsync()).Body, StringComparison.Ordinal);
        Ask("$stats", "3", "admin");
        Assert.Contains("\"durations\"", (await Channel.NextReplyAsync()).Body, StringComparison.Ordinal);
        Ask("$describe", "4", "admin");
        Assert.Contains("\"$defs\"", (await Channel.NextReplyAsync()).Body, StringComparison.Ordinal);
        Assert.Equal(["$stats", "$stats", "$describe"], _asked);
        Release.SetResult();
    }

    [Fact]
    public async Task A_policy_guards_the_description_in_the_queue_too()
    {
        Guard("insiders");
        _decision.SetResult(true);
        await ServeHeldAsync();
        Server.Deliver(TestServer.Request(id: "2", type: "$describe", tag: 2));
        Assert.Contains("\"methods\"", (await Channel.NextReplyAsync()).Body, StringComparison.Ordinal);

        _decision = new();
        _decision.SetResult(false);
        Server.Deliver(TestServer.Request(id: "3", type: "$describe", tag: 3));
        Assert.Contains("urn:rpcgen:fault:unauthenticated", (await Channel.NextReplyAsync()).Body, StringComparison.Ordinal);
        Release.SetResult();
    }

    [Fact]
    public async Task Nobody_gets_the_description_if_the_policy_is_empty()
    {
        Guard("");
        await ServeHeldAsync();

        Ask("$describe", "2", "admin");

        SentMessage refused = await Channel.NextReplyAsync();
        Assert.Contains("urn:rpcgen:fault:permission-denied", refused.Body, StringComparison.Ordinal);
        Assert.Contains("DescriptionPolicy", refused.Body, StringComparison.Ordinal);
        Release.SetResult();
    }

    [Fact]
    public async Task A_decision_that_takes_longer_than_five_seconds_is_given_up()
    {
        Guard("insiders");
        await ServeHeldAsync();
        Ask("$describe", "2");
        Task<bool> deciding = await _deciding.Task.Soon();
        Server.Time.Advance(TimeSpan.FromMilliseconds(4_900));
        Assert.False(deciding.IsCompleted);

        await AdvanceUntilAsync(deciding, TimeSpan.FromMilliseconds(50));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => deciding);
        Assert.Contains("urn:rpcgen:fault:timeout", (await Channel.NextReplyAsync()).Body, StringComparison.Ordinal);
        Release.SetResult();
    }

    private void Guard(string policy)
    {
        Server.Checks = new CallerChecks(null, this);
        Server.DescriptionPolicy = policy;
    }

    private void Ask(string type, string id, string? user = null, string exchange = "q.cancel", string replyTo = "rpc.cb.me") =>
        Channel.Consumers["rpc.cx.0000000000000002"].Consumer.OnDelivered(
            new IncomingMessage { Exchange = exchange, RoutingKey = "", ReplyTo = replyTo, CorrelationId = id, Type = type, UserId = user });
}
