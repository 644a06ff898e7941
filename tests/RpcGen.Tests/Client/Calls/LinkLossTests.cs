using RpcGen.Client.Calls;
using RpcGen.Generated;
using RpcGen.Tests.Client.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Client.Calls;

/// <summary>Links that are missing, blocked, lost, or lost at a bad moment.</summary>
public sealed class LinkLossTests : ClientFixture
{
    private static readonly RpcCallOptions Patient = new() { Timeout = TimeSpan.FromHours(1) };

    private static readonly TestMethod<int> Idempotent = new() { Idempotent = true };

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
    public async Task A_publish_that_sent_nothing_does_not_count()
    {
        Channel.OnPublish = _ => ValueTask.FromException(new TransportClosedException(new TransportClosure("closing"), nothingSent: true));
        Task<int> call = Call(new TestMethod<int>(), Patient);
        Assert.False(call.IsCompleted); // the link is not known as closed yet
        Assert.Single(Channel.All);
        await LoseAsync();
        Assert.False(call.IsCompleted);
        await ReopenAsync();

        await Until(() => Channel.All.Length == 1);
        Channel.Return(Channel.Single);
        await Fails<RpcUnavailableException>(call); // the first attempt that counts
    }

    [Fact]
    public async Task A_publish_that_sent_nothing_on_an_older_link_goes_out_on_the_current_one()
    {
        var late = new TaskCompletionSource();
        Channel.OnPublish = _ => new ValueTask(late.Task);
        Task<int> call = Call(Idempotent, Patient);
        await LoseAsync();
        await ReopenAsync();
        await Until(() => Channel.All.Length == 1);

        late.SetException(new TransportClosedException(new TransportClosure("closing"), nothingSent: true));
        await Task.Delay(5, Cancel);

        Assert.Single(Channel.All); // it was sent again already
        Channel.Reply(Channel.Single, "1");
        Assert.Equal(1, await Gets(call));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_publish_that_fails_with_its_link_is_a_loss(bool isIdempotent)
    {
        Channel.OnPublish = _ => ValueTask.FromException(new TransportClosedException(new TransportClosure("gone"), nothingSent: false));
        Task<int> call = Call(new TestMethod<int> { Idempotent = isIdempotent }, Patient);
        if (!isIdempotent)
        {
            Assert.Contains("gone", (await Fails<RpcConnectionException>(call)).Message, StringComparison.Ordinal);
            return;
        }

        await LoseAsync();
        await ReopenAsync();
        await Until(() => Channel.All.Length >= 1);
        Channel.Reply(Channel.All[0], "1");
        Assert.Equal(1, await Gets(call));
    }

    [Fact]
    public async Task A_refused_publish_is_a_loss_too()
    {
        Channel.OnPublish = _ => ValueTask.FromException(new TransportRefusedException(AmqpReplyCodes.PreconditionFailed, "too large"));

        Assert.Contains("too large", (await Fails<RpcConnectionException>(Call(new TestMethod<int>(), Patient))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_publish_that_ends_with_its_link_is_a_loss()
    {
        Channel.OnPublish = _ => ValueTask.FromException(new OperationCanceledException("ended"));

        Assert.Equal(RpcExecution.Unknown, (await Fails<RpcConnectionException>(Call(new TestMethod<int>(), Patient))).Execution);
    }

    [Fact]
    public async Task A_message_that_AMQP_cannot_express_was_not_sent()
    {
        Channel.OnPublish = _ => throw new ArgumentException("the headers are too large");

        var failure = await Fails<RpcProtocolException>(Call(new TestMethod<int>(), Patient));
        Assert.Equal(("Do", Channel.Single.Id, RpcExecution.NotStarted), (failure.Method, failure.CallId, failure.Execution));
        Assert.Contains("the headers are too large", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Any_other_failure_ends_the_call_with_an_unknown_outcome()
    {
        Channel.OnPublish = async _ =>
        {
            await Task.Yield();
            throw new InvalidOperationException("a bug");
        };

        var failure = await Fails<RpcConnectionException>(Call(new TestMethod<int>(), Patient));
        Assert.Equal(("Do", Channel.Single.Id, RpcExecution.Unknown), (failure.Method, failure.CallId, failure.Execution));
        Assert.Contains("a bug", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_that_closed_before_the_call_was_marked_as_sent_loses_it_all_the_same()
    {
        // The loss is handled while the message is being published: the call is not marked as sent then.
        FakeChannel channel = Channel;
        Connection.OpenFailure = new TransportClosedException(new TransportClosure("no"), nothingSent: true);
        channel.OnPublish = _ =>
        {
            channel.Close("closed while publishing");
            return default;
        };

        var failure = await Fails<RpcConnectionException>(Call(new TestMethod<int>(), Patient));
        Assert.Contains("closed while publishing", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_publish_that_is_under_way_keeps_the_body_from_the_next_call()
    {
        var publishing = new TaskCompletionSource();
        ReadOnlyMemory<byte> body = default;
        Channel.OnPublish = message =>
        {
            body = message.Body;
            return new ValueTask(publishing.Task);
        };
        Task<int> first = Call(new TestMethod<int>(), Patient, argument: 1);
        Channel.OnPublish = null;
        Channel.Reply(Channel.Single, "1");
        await Gets(first);

        Task<int> second = Call(new TestMethod<int>(), Patient, argument: 2);
        Assert.Equal("{\"n\":1}", System.Text.Encoding.UTF8.GetString(body.Span));
        publishing.SetResult();
        Channel.Reply(Channel.All[1], "2");
        Assert.Equal(2, await Gets(second));
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
    public async Task A_disposed_link_listens_no_more()
    {
        var events = new NoEvents();
        var connection = new FakeConnection();
        await using CallLink link = await CallLink.OpenAsync(events, connection, "rpc.cb.1", Cancel);
        Assert.True(connection.HasBlockedListeners);
        Assert.True(link.IsReady);
        connection.Block("memory");
        Assert.False(link.IsReady);
        Assert.Equal(1, events.Blocked);

        await link.DisposeAsync();
        await link.Closed.WaitAsync(TimeSpan.FromSeconds(2), Cancel);
        Assert.False(connection.HasBlockedListeners);
        connection.Block(null);
        Assert.Equal(1, events.Blocked);
        Assert.False(link.IsReady);
    }

    [Fact]
    public async Task A_link_that_cannot_be_set_up_is_closed_again()
    {
        var connection = new FakeConnection { DeclareFailure = new TransportRefusedException(AmqpReplyCodes.ResourceLocked, "locked") };

        await Fails<TransportRefusedException>(CallLink.OpenAsync(new NoEvents(), connection, "rpc.cb.1", Cancel));

        Assert.True(Assert.Single(connection.Channels).IsDisposed);
        Assert.False(connection.HasBlockedListeners);
    }

    [Fact]
    public async Task Nothing_is_heard_of_requests_that_are_returned_on_a_disposed_link()
    {
        var events = new NoEvents();
        var connection = new FakeConnection();
        CallLink link = await CallLink.OpenAsync(events, connection, "rpc.cb.1", Cancel);
        var request = new Published(new OutgoingMessage { Exchange = "", RoutingKey = "q" }, "");
        connection.Calls.Return(request);
        Assert.Equal(1, events.Returned);
        await link.DisposeAsync();

        connection.Calls.Return(request);

        Assert.Equal(1, events.Returned);
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

    private sealed class NoEvents : ICallLinkEvents
    {
        public int Blocked { get; private set; }

        public int Returned { get; private set; }

        public void OnOpened()
        {
        }

        public void OnReply(in IncomingMessage reply)
        {
        }

        public void OnReturned(in ReturnedMessage message) => Returned++;

        public void OnBlockedChanged() => Blocked++;

        public void OnLost(CallLink link, string reason)
        {
        }
    }
}
