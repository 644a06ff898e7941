using RpcGen.Transport;

namespace RpcGen.Tests.Server.Consuming;

/// <summary>Callers cancel their calls through the inbox for cancels.</summary>
public sealed class ServeLinkCancelTests : ServeLinkTest
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

    private void SendCancel(string? replyTo, string? id, string? type = null) =>
        Channel.Consumers["rpc.cx.0000000000000002"].Consumer.OnDelivered(new IncomingMessage { ReplyTo = replyTo, CorrelationId = id, Type = type });
}
