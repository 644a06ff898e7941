namespace RpcGen.Tests.Server.Consuming;

/// <summary>A link after the loss of one of its queues or of its channel.</summary>
public sealed class ServeLinkLossTests : ServeLinkTest
{
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

        Server.Link.OnLost();
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

        Server.Link.OnLost();

        await TaskBounds.Until(() => HandlerToken.IsCancellationRequested);
        Release.SetResult();
        await Server.Link.DisposeAsync().Soon();
        Assert.DoesNotContain("publish 1", Channel.Events);
        Assert.True(Channel.IsDisposed);
        Assert.True(Server.Drains.WhenAllAsync().IsCompleted);
    }
}
