using RpcGen.Client.Calls;
using RpcGen.Tests.Client.Support;
using RpcGen.Tests.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Client.Calls;

/// <summary>The set-up and disposal of a link for calls.</summary>
public sealed class CallLinkTests : ClientFixture
{
    [Fact]
    public async Task A_disposed_link_listens_no_more()
    {
        var events = new CountedLinkEvents();
        var connection = new FakeConnection();
        await using CallLink link = await CallLink.OpenAsync(events, connection, Environment, "rpc.cb.1", replyExchange: "", Cancel);
        Assert.True(connection.HasBlockedListeners);
        Assert.True(link.IsReady);
        connection.Block("memory");
        Assert.False(link.IsReady);
        Assert.Equal(1, events.Blocked);

        await link.DisposeAsync();
        await link.Closed.WaitAsync(Bounds.Soon, Cancel);
        Assert.False(connection.HasBlockedListeners);
        connection.Block(null);
        Assert.Equal(1, events.Blocked);
        Assert.False(link.IsReady);
    }

    [Fact]
    public async Task A_link_that_cannot_be_set_up_is_closed_again()
    {
        var connection = new FakeConnection { DeclareFailure = new TransportRefusedException(AmqpReplyCodes.ResourceLocked, "locked") };

        await Fails<TransportRefusedException>(CallLink.OpenAsync(new CountedLinkEvents(), connection, Environment, "rpc.cb.1", replyExchange: "", Cancel));

        Assert.True(Assert.Single(connection.Channels).IsDisposed);
        Assert.False(connection.HasBlockedListeners);
    }

    [Fact]
    public async Task Nothing_is_heard_of_requests_that_are_returned_on_a_disposed_link()
    {
        var events = new CountedLinkEvents();
        var connection = new FakeConnection();
        CallLink link = await CallLink.OpenAsync(events, connection, Environment, "rpc.cb.1", replyExchange: "", Cancel);
        var request = new Published(new OutgoingMessage { Exchange = "", RoutingKey = "q" }, "");
        connection.Calls.Return(request);
        Assert.Equal(1, events.Returned);
        await link.DisposeAsync();

        connection.Calls.Return(request);

        Assert.Equal(1, events.Returned);
    }
}
