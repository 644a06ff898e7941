using RpcGen.Transport;

namespace RpcGen.Tests.Server.Consuming;

/// <summary>The consumers that a new link starts.</summary>
public sealed class ServeLinkOpeningTests : ServeLinkTest
{
    [Fact]
    public async Task It_consumes_cancels_before_requests()
    {
        Serve();
        await Server.Link.StartAsync(hasBroadcasts: false, Cancel).Soon();

        Assert.Equal(
            ["declare rpc.cx.0000000000000002", "bind q.cancel rpc.cx.0000000000000002", "consume rpc.cx.0000000000000002", "consume q"], Channel.Events);
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
        Assert.Equal(["declare rpc.bc.0000000000000003", "bind q.broadcast rpc.bc.0000000000000003", "consume rpc.bc.0000000000000003", "consume q"], Channel.Events.Skip(3));
        Assert.Equal((ushort)64, Channel.Consumers["rpc.bc.0000000000000003"].Prefetch);

        Channel.Consumers["rpc.bc.0000000000000003"].Consumer.OnDelivered(TestServer.Request());

        Assert.Equal("\"hi\"", (await Channel.NextReplyAsync()).Body);
    }
}
