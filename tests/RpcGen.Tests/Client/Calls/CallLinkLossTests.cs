using RpcGen.Client.Calls;
using RpcGen.Tests.Client.Support;

namespace RpcGen.Tests.Client.Calls;

/// <summary>Calls without a link: it is missing, blocked or lost.</summary>
public sealed class CallLinkLossTests : LinkTest
{
    [Fact]
    public async Task A_call_waits_for_a_link()
    {
        await LoseAsync();
        Task<int> call = Call(new TestMethod<int>(), Patient);
        Assert.Equal((1, 1), ((RpcGen.Diagnostics.ICallLoad)Session).CountCalls());
        await ReopenAsync();

        await Until(() => Channel.All.Length == 1);
        Channel.Reply(Channel.Single, "1");
        Assert.Equal(1, await Gets(call));
    }

    [Fact]
    public async Task A_lost_call_has_an_unknown_outcome()
    {
        Task<int> call = Call(new TestMethod<int>(), Patient);
        string? id = Channel.Single.Id;
        await LoseAsync("320 CONNECTION_FORCED");

        var failure = await Fails<RpcConnectionException>(call);
        Assert.Equal(("Do", id, RpcExecution.Unknown), (failure.Method, failure.CallId, failure.Execution));
        Assert.Contains("320 CONNECTION_FORCED", failure.Message, StringComparison.Ordinal);
        await ReopenAsync();
        Assert.Empty(Channel.All);
    }

    [Fact]
    public async Task A_lost_idempotent_call_is_sent_again()
    {
        Task<int> call = Call(Idempotent, Patient);
        Published first = Channel.Single;
        await LoseAsync();
        await ReopenAsync();

        await Until(() => Channel.All.Length == 1);
        Assert.Equal(first.Id, Channel.Single.Id);
        Assert.NotEqual(first.Message.ReplyTo, Channel.Single.Message.ReplyTo);
        Channel.Reply(Channel.Single, "1");
        Assert.Equal(1, await Gets(call));
    }

    [Fact]
    public async Task A_call_that_was_sent_again_waits_for_its_queue()
    {
        Task<int> call = Call(Idempotent, Patient);
        await LoseAsync();
        await ReopenAsync();
        await Until(() => Channel.All.Length == 1);

        Channel.Return(Channel.Single); // its server has not declared the queue again yet
        await Task.Delay(5, Cancel);
        Assert.False(call.IsCompleted);
        Assert.Single(Channel.All);
        Time.Advance(CallSender.ResendPause - TimeSpan.FromMilliseconds(1));
        await Task.Delay(5, Cancel);
        Assert.Single(Channel.All);
        Time.Advance(TimeSpan.FromMilliseconds(1));

        await Until(() => Channel.All.Length == 2);
        Channel.Return(Channel.All[0]); // late: it is sent again already, and once more after the pause
        Channel.Reply(Channel.All[1], "1");
        Assert.Equal(1, await Gets(call));
    }

    [Fact]
    public async Task Nothing_is_sent_while_the_broker_blocks()
    {
        Connection.Block("memory");
        Task<int> call = Call(new TestMethod<int>(), Patient);
        Assert.Empty(Channel.All);
        Assert.Equal("memory", Session.BlockedReason);

        Connection.Block(null);

        await Until(() => Channel.All.Length == 1);
        Channel.Reply(Channel.Single, "1");
        Assert.Equal(1, await Gets(call));
        Assert.Null(Session.BlockedReason);
    }

    [Fact]
    public async Task A_deleted_callback_queue_ends_the_link()
    {
        Task<int> call = Call(new TestMethod<int>(), Patient);
        FakeChannel channel = Channel;
        channel.Consumer!.OnCancelledByBroker();

        Assert.Contains("the callback queue was deleted", (await Fails<RpcConnectionException>(call)).Message, StringComparison.Ordinal);
        await Until(() =>
        {
            Time.Advance(TimeSpan.FromMilliseconds(20));
            return Channel != channel;
        });
        Assert.True(channel.IsDisposed);
    }

    [Fact]
    public async Task The_reason_for_having_no_link_is_the_connections_or_the_links_own()
    {
        Assert.Null(Session.UnavailableReason);
        await LoseAsync("torn");
        Assert.Equal("torn", Session.UnavailableReason);

        await ReopenAsync();
        Connection.OpenFailure = new RpcConnectionException("no more channels.");
        Channel.Close("channel lost");
        await Until(() =>
        {
            Time.Advance(TimeSpan.FromMilliseconds(20));
            return Session.UnavailableReason == "no more channels";
        });
    }
}
