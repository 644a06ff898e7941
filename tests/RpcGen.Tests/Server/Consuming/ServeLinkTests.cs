using RpcGen.Transport;

namespace RpcGen.Tests.Server.Consuming;

/// <summary>A link from its opening to the answers, with requests, replies and acknowledgements on a scripted channel.</summary>
public sealed class ServeLinkTests : ServeLinkTest
{
    [Fact]
    public async Task It_consumes_cancels_before_requests()
    {
        Serve();
        await Server.Link.StartAsync(hasBroadcasts: false, Cancel).Soon();

        Assert.Equal(
            ["declare rpc.cx.0000000000000002", "consume rpc.cx.0000000000000002", "bind q.cancel rpc.cx.0000000000000002", "inspect q", "consume q"], Channel.Events);
        Assert.Equal((ushort)0, Channel.Consumers["rpc.cx.0000000000000002"].Prefetch);
        Assert.Equal((ushort)64, Channel.Consumers["q"].Prefetch);
        Assert.Equal(QueueKind.Exclusive, Assert.Single(Channel.Declared).Kind);
        Assert.False(Server.Link.Closed.IsCompleted);
    }

    [Fact]
    public async Task The_bare_style_has_no_cancels()
    {
        Server.Settings = TestServer.CreateSettings(RpcBodyStyle.Bare);
        Serve();

        await Server.Link.StartAsync(hasBroadcasts: false, Cancel).Soon();

        Assert.Equal(["consume q"], Channel.Events);
    }

    [Fact]
    public async Task Broadcasts_come_on_a_queue_of_the_instance_and_run_like_requests()
    {
        Serve();
        await Server.Link.StartAsync(hasBroadcasts: true, Cancel).Soon();
        Assert.Equal(["declare rpc.bc.0000000000000003", "consume rpc.bc.0000000000000003", "bind q.broadcast rpc.bc.0000000000000003", "inspect q", "consume q"], Channel.Events.Skip(3));
        Assert.Equal((ushort)64, Channel.Consumers["rpc.bc.0000000000000003"].Prefetch);

        Channel.Consumers["rpc.bc.0000000000000003"].Consumer.OnDelivered(TestServer.Request());

        Assert.Equal("\"hi\"", (await Channel.NextReplyAsync()).Body);
    }

    [Fact]
    public async Task A_request_that_cannot_be_checked_is_anonymous_and_answered()
    {
        Server.Settings = Server.Settings with { MaxConcurrentCalls = 1 };
        Serve();
        (Server.Log.Failure, Server.Log.FailsOnce) = (new InvalidOperationException("the logger fails"), true);

        Server.Deliver(TestServer.Request(tag: 5) with { UserId = "eve", Exchange = "a detour" });

        Assert.Contains(62, Server.Log.Ids);
        Assert.Equal("\"hi\"", (await Channel.NextReplyAsync()).Body);
        Assert.Equal((5UL, false), await Channel.NextAckAsync());
    }

    [Fact]
    public async Task A_request_is_answered_and_then_acknowledged()
    {
        Server.Settings = Server.Settings with { MaxConcurrentCalls = 1 };
        Serve();

        Server.Deliver(TestServer.Request(tag: 5));

        SentMessage reply = await Channel.NextReplyAsync();
        Assert.Equal(("rpc.cb.me", "1", "\"hi\""), (reply.RoutingKey, reply.Id, reply.Body));
        Assert.Equal((5UL, false), await Channel.NextAckAsync());
        Assert.Equal(["publish 1", "ack 5"], Channel.Events);
    }

    [Fact]
    public async Task A_fault_is_sent_as_one()
    {
        Server.Serve((_, _) => throw new InvalidOperationException());

        Server.Deliver(TestServer.Request());

        Assert.Equal(("fault", "application/problem+json"), ((await Channel.NextReplyAsync()) is var reply ? (reply.Type, reply.ContentType) : default));
    }

    [Fact]
    public async Task A_batch_runs_its_calls_and_ends_with_the_last()
    {
        Server.Settings = Server.Settings with { MaxConcurrentCalls = 1 };
        Serve();

        Server.Deliver(TestServer.Request(type: "$batch", id: "b", tag: 3, body: """[["0000000000000001","echo",1000,{"text":"a"}],["0000000000000002","nothing",1000,{}]]"""));

        Assert.Equal((3UL, false), await Channel.NextAckAsync());
        var replies = new List<SentMessage>();
        while (Channel.PendingReplies > 0)
        {
            replies.Add(await Channel.NextReplyAsync());
        }

        Assert.All(replies, reply => Assert.Equal(("$batch", "b"), (reply.Type, reply.Id)));
        string all = string.Concat(replies.Select(reply => reply.Body));
        Assert.Contains("""["0000000000000001","a"]""", all, StringComparison.Ordinal);
        Assert.Contains("unknown-method", all, StringComparison.Ordinal);
        Assert.Equal("ack 3", Channel.Events[^1]);
    }

    [Fact]
    public async Task A_batch_that_cannot_be_read_is_answered_and_acknowledged()
    {
        Server.Settings = Server.Settings with { MaxConcurrentCalls = 1 };
        Serve();

        Server.Deliver(TestServer.Request(type: "$batch", body: "[]", tag: 3));

        Assert.Equal("fault", (await Channel.NextReplyAsync()).Type);
        Assert.Equal((3UL, false), await Channel.NextAckAsync());
    }

    [Fact]
    public async Task A_reply_that_cannot_be_sent_leaves_the_request_with_the_broker()
    {
        Server.Settings = Server.Settings with { MaxConcurrentCalls = 2 };
        Serve();
        Channel.Before = what => what == "publish 1" ? throw new TransportRefusedException(404, "no") : Task.CompletedTask;

        Server.Deliver(TestServer.Request(id: "1", tag: 1));
        await TaskBounds.Until(() => Server.Log.Ids.Contains(43));
        Server.Deliver(TestServer.Request(id: "2", tag: 2));

        Assert.Equal((2UL, false), await Channel.NextAckAsync());
        Assert.Equal(["publish 2", "ack 2"], Channel.Events);
    }

    [Fact]
    public async Task A_failed_one_way_request_is_rejected()
    {
        Server.Serve((_, _) => throw new InvalidOperationException(), method: json => new TestMethod(json, "echo") { OneWay = true });

        Server.Deliver(TestServer.Request(replyTo: null, tag: 4));

        await TaskBounds.Until(() => Channel.Events.Contains("reject 4"));
        await Server.Link.DrainAsync().Soon();
        Assert.Equal(["reject 4"], Channel.Events);
    }

    [Fact]
    public async Task A_completed_one_way_request_is_acknowledged_without_reply()
    {
        Server.Settings = Server.Settings with { MaxConcurrentCalls = 1 };
        Server.Serve((text, _) => new(text), method: json => new TestMethod(json, "echo") { OneWay = true });

        Server.Deliver(TestServer.Request(replyTo: null, tag: 4));

        Assert.Equal((4UL, false), await Channel.NextAckAsync());
        Assert.Equal(["ack 4"], Channel.Events);
    }

    [Fact]
    public async Task A_dropped_request_is_acknowledged_without_reply()
    {
        Server.Settings = Server.Settings with { MaxConcurrentCalls = 1 };
        Serve();

        Server.Deliver(TestServer.Request(replyTo: "someone", tag: 4));

        Assert.Equal((4UL, false), await Channel.NextAckAsync());
        Assert.Equal(["ack 4"], Channel.Events);
    }

    [Fact]
    public async Task Load_is_what_runs_and_what_waits()
    {
        Server.Settings = Server.Settings with { MaxConcurrentCalls = 1 };
        await ServeHeldAsync();
        Server.Deliver(TestServer.Request(id: "2", tag: 2));

        Assert.Equal((1, 1), Server.Link.Load);
        Release.SetResult();
        await TaskBounds.Until(() => Server.Link.Load == (0, 0));
    }
}
