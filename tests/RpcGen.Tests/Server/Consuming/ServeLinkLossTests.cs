using RpcGen.Transport;

namespace RpcGen.Tests.Server.Consuming;

/// <summary>What ends calls or the link early: cancels, deadlines, and the loss of a queue or of the channel.</summary>
public sealed class ServeLinkLossTests : ServeLinkTest
{
    [Fact]
    public async Task A_running_call_is_cancelled_by_its_caller_and_not_answered()
    {
        await ServeHeldAsync();

        SendCancel("rpc.cb.me", "1");

        await TaskBounds.Until(() => HandlerToken.IsCancellationRequested);
        Release.SetResult();
        await Server.Link.DrainAsync().Soon();
        Assert.DoesNotContain("publish 1", Channel.Events);
        Assert.Contains("ack 1", Channel.Events);
    }

    [Theory]
    [InlineData("rpc.cb.other", "1", null)]
    [InlineData(null, "1", null)]
    [InlineData("rpc.cb.me", null, null)]
    [InlineData("rpc.cb.me", "1", "$later")]
    public async Task Other_messages_of_the_inbox_cancel_nothing(string? replyTo, string? id, string? type)
    {
        await ServeHeldAsync();

        SendCancel(replyTo, id, type);

        Assert.False(HandlerToken.IsCancellationRequested);
        Release.SetResult();
        Assert.Equal("1", (await Channel.NextReplyAsync()).Id);
    }

    [Fact]
    public async Task A_cancel_that_overtakes_its_request_keeps_it_from_running()
    {
        Serve();
        await Server.Link.StartAsync(hasBroadcasts: false, Cancel).Soon();
        SendCancel("rpc.cb.me", "1");

        Server.Deliver(TestServer.Request(id: "1", tag: 1));
        Server.Deliver(TestServer.Request(id: "2", tag: 2));

        Assert.Equal("2", (await Channel.NextReplyAsync()).Id);
        await Server.Link.DrainAsync().Soon();
        Assert.DoesNotContain("publish 1", Channel.Events);
        Assert.Equal(2, Channel.Events.Count(text => text is "ack 1" or "ack 2") + (2 * Channel.Events.Count(text => text == "ack 2 multiple")));
    }

    [Fact]
    public async Task The_loss_of_the_inbox_is_no_loss_of_the_link()
    {
        Serve();
        await Server.Link.StartAsync(hasBroadcasts: false, Cancel).Soon();

        Channel.Consumers["rpc.cx.0000000000000002"].Consumer.OnCancelledByBroker();

        Assert.False(Server.Link.Closed.IsCompleted);
    }

    [Fact]
    public async Task The_loss_of_the_request_queue_ends_the_link_and_lets_its_calls_finish()
    {
        await ServeHeldAsync();
        Channel.Consumers["q"].Consumer.OnCancelledByBroker();
        Assert.Contains("'q'", (await Server.Link.Closed.Soon()).Reason, StringComparison.Ordinal);

        Server.Link.OnLost(new TransportClosure("gone"));
        await Server.Link.DisposeAsync().Soon();
        Task draining = Server.Drains.WhenAllAsync();

        Assert.False(draining.IsCompleted || Channel.IsDisposed || HandlerToken.IsCancellationRequested);
        Release.SetResult();
        await draining.Soon();
        Assert.True(Channel.IsDisposed);
        Assert.Contains("publish 1", Channel.Events);
        Assert.Equal(["ack 1", "dispose"], Channel.Events.TakeLast(2));
        Assert.True(Server.Drains.WhenAllAsync().IsCompleted);
    }

    [Fact]
    public async Task The_loss_of_the_channel_after_that_of_the_queue_abandons_what_runs()
    {
        await ServeHeldAsync();
        Channel.Consumers["q"].Consumer.OnCancelledByBroker();
        await Server.Link.Closed.Soon();
        await Server.Link.DisposeAsync().Soon();

        Channel.Close();

        await TaskBounds.Until(() => HandlerToken.IsCancellationRequested);
        Release.SetResult();
        await Server.Drains.WhenAllAsync().Soon();
        Assert.DoesNotContain("publish 1", Channel.Events);
    }

    [Fact]
    public async Task The_loss_of_the_broadcast_queue_ends_the_link()
    {
        Serve();
        await Server.Link.StartAsync(hasBroadcasts: true, Cancel).Soon();

        Channel.Consumers["rpc.bc.0000000000000003"].Consumer.OnCancelledByBroker();

        Assert.Contains("broadcasts to 'q'", (await Server.Link.Closed.Soon()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_loss_of_the_channel_abandons_what_runs()
    {
        await ServeHeldAsync();
        Server.Deliver(TestServer.Request(id: "2", tag: 2));
        Channel.Close();
        await Server.Link.Closed.Soon();

        Server.Link.OnLost(new TransportClosure("gone"));

        await TaskBounds.Until(() => HandlerToken.IsCancellationRequested);
        Release.SetResult();
        await Server.Link.DisposeAsync().Soon();
        Assert.DoesNotContain("publish 1", Channel.Events);
        Assert.True(Channel.IsDisposed);
        Assert.True(Server.Drains.WhenAllAsync().IsCompleted);
    }

    /// <summary>The broker gives the requests of a lost channel to other servers before this one learns of the loss.</summary>
    [Fact]
    public async Task What_waits_when_the_channel_is_lost_does_not_start()
    {
        int runs = 0;
        Server.Serve((text, _) =>
        {
            runs++;
            return new(text);
        });
        await Server.Link.StartAsync(hasBroadcasts: false, Cancel).Soon();
        Server.Deliver(TestServer.Request(id: "1", tag: 1));
        Assert.Equal("1", (await Channel.NextReplyAsync()).Id);

        Channel.IsLost = true;
        Server.Deliver(TestServer.Request(id: "2", tag: 2));

        await TaskBounds.Until(() => Server.Link.Load == (0, 0));
        Assert.Equal(1, runs);
        Assert.DoesNotContain("publish 2", Channel.Events);
        Assert.DoesNotContain("ack 2", Channel.Events);
    }

    [Fact]
    public async Task The_token_of_a_late_call_fires()
    {
        await ServeHeldAsync(expiration: "100");

        Server.Time.Advance(TimeSpan.FromMilliseconds(101));

        await TaskBounds.Until(() => HandlerToken.IsCancellationRequested);
        Release.SetResult();
        Assert.Equal("1", (await Channel.NextReplyAsync()).Id); // a handler that ignores its token still answers
    }

    [Fact]
    public async Task Disposal_abandons_what_still_runs()
    {
        await ServeHeldAsync(expiration: "100");

        await Server.Link.DisposeAsync().Soon();

        Assert.True(HandlerToken.IsCancellationRequested);
        Release.SetResult();
    }
}
