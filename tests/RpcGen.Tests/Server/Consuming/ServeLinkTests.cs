using RpcGen.Transport;

namespace RpcGen.Tests.Server.Consuming;

/// <summary>A link from its opening to its loss, with requests, replies and acknowledgements on a scripted channel.</summary>
public sealed class ServeLinkTests
{
    private readonly TestServer _server = new();
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationToken _handlerToken;

    private ScriptedChannel Channel => _server.Channel;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_consumes_cancels_before_requests()
    {
        Serve();
        await _server.Link.StartAsync(hasBroadcasts: false, Cancel).Soon();

        Assert.Equal(
            ["declare rpc.cx.0000000000000002", "consume rpc.cx.0000000000000002", "bind q.cancel rpc.cx.0000000000000002", "consume q"], Channel.Events);
        Assert.Equal((ushort)0, Channel.Consumers["rpc.cx.0000000000000002"].Prefetch);
        Assert.Equal((ushort)64, Channel.Consumers["q"].Prefetch);
        Assert.Equal(QueueKind.Exclusive, Assert.Single(Channel.Declared).Kind);
        Assert.False(_server.Link.Closed.IsCompleted);
    }

    [Fact]
    public async Task The_bare_style_has_no_cancels()
    {
        _server.Settings = TestServer.CreateSettings(RpcBodyStyle.Bare);
        Serve();

        await _server.Link.StartAsync(hasBroadcasts: false, Cancel).Soon();

        Assert.Equal(["consume q"], Channel.Events);
    }

    [Fact]
    public async Task Broadcasts_come_on_a_queue_of_the_instance_and_run_like_requests()
    {
        Serve();
        await _server.Link.StartAsync(hasBroadcasts: true, Cancel).Soon();
        Assert.Equal(["declare rpc.bc.0000000000000003", "consume rpc.bc.0000000000000003", "bind q.broadcast rpc.bc.0000000000000003", "consume q"], Channel.Events.Skip(3));
        Assert.Equal((ushort)64, Channel.Consumers["rpc.bc.0000000000000003"].Prefetch);

        Channel.Consumers["rpc.bc.0000000000000003"].Consumer.OnDelivered(TestServer.Request());

        Assert.Equal("\"hi\"", (await Channel.NextReplyAsync()).Body);
    }

    [Fact]
    public async Task A_request_is_answered_and_then_acknowledged()
    {
        _server.Settings = _server.Settings with { MaxConcurrentCalls = 1 };
        Serve();

        _server.Deliver(TestServer.Request(tag: 5));

        SentMessage reply = await Channel.NextReplyAsync();
        Assert.Equal(("rpc.cb.me", "1", "\"hi\""), (reply.RoutingKey, reply.Id, reply.Body));
        Assert.Equal((5UL, false), await Channel.NextAckAsync());
        Assert.Equal(["publish 1", "ack 5"], Channel.Events);
    }

    [Fact]
    public async Task A_fault_is_sent_as_one()
    {
        _server.Serve((_, _) => throw new InvalidOperationException());

        _server.Deliver(TestServer.Request());

        Assert.Equal(("fault", "application/problem+json"), ((await Channel.NextReplyAsync()) is var reply ? (reply.Type, reply.ContentType) : default));
    }

    [Fact]
    public async Task A_batch_runs_its_calls_and_ends_with_the_last()
    {
        _server.Settings = _server.Settings with { MaxConcurrentCalls = 1 };
        Serve();

        _server.Deliver(TestServer.Request(type: "$batch", id: "b", tag: 3, body: """[["0000000000000001","echo",1000,{"text":"a"}],["0000000000000002","nothing",1000,{}]]"""));

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
        _server.Settings = _server.Settings with { MaxConcurrentCalls = 1 };
        Serve();

        _server.Deliver(TestServer.Request(type: "$batch", body: "[]", tag: 3));

        Assert.Equal("fault", (await Channel.NextReplyAsync()).Type);
        Assert.Equal((3UL, false), await Channel.NextAckAsync());
    }

    [Fact]
    public async Task A_reply_that_cannot_be_sent_leaves_the_request_with_the_broker()
    {
        _server.Settings = _server.Settings with { MaxConcurrentCalls = 2 };
        Serve();
        Channel.Before = what => what == "publish 1" ? throw new TransportRefusedException(404, "no") : Task.CompletedTask;

        _server.Deliver(TestServer.Request(id: "1", tag: 1));
        await TaskBounds.Until(() => _server.Log.Ids.Contains(43));
        _server.Deliver(TestServer.Request(id: "2", tag: 2));

        Assert.Equal((2UL, false), await Channel.NextAckAsync());
        Assert.Equal(["publish 2", "ack 2"], Channel.Events);
    }

    [Fact]
    public async Task A_failed_one_way_request_is_rejected()
    {
        _server.Serve((_, _) => throw new InvalidOperationException(), method: json => new TestMethod(json, "echo") { OneWay = true });

        _server.Deliver(TestServer.Request(replyTo: null, tag: 4));

        await TaskBounds.Until(() => Channel.Events.Contains("reject 4"));
        await _server.Link.DrainAsync().Soon();
        Assert.Equal(["reject 4"], Channel.Events);
    }

    [Fact]
    public async Task A_completed_one_way_request_is_acknowledged_without_reply()
    {
        _server.Settings = _server.Settings with { MaxConcurrentCalls = 1 };
        _server.Serve((text, _) => new(text), method: json => new TestMethod(json, "echo") { OneWay = true });

        _server.Deliver(TestServer.Request(replyTo: null, tag: 4));

        Assert.Equal((4UL, false), await Channel.NextAckAsync());
        Assert.Equal(["ack 4"], Channel.Events);
    }

    [Fact]
    public async Task A_dropped_request_is_acknowledged_without_reply()
    {
        _server.Settings = _server.Settings with { MaxConcurrentCalls = 1 };
        Serve();

        _server.Deliver(TestServer.Request(replyTo: "someone", tag: 4));

        Assert.Equal((4UL, false), await Channel.NextAckAsync());
        Assert.Equal(["ack 4"], Channel.Events);
    }

    [Fact]
    public async Task A_running_call_is_cancelled_by_its_caller_and_not_answered()
    {
        await ServeHeldAsync();

        SendCancel("rpc.cb.me", "1");

        await TaskBounds.Until(() => _handlerToken.IsCancellationRequested);
        _release.SetResult();
        await _server.Link.DrainAsync().Soon();
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

        Assert.False(_handlerToken.IsCancellationRequested);
        _release.SetResult();
        Assert.Equal("1", (await Channel.NextReplyAsync()).Id);
    }

    [Fact]
    public async Task A_cancel_that_overtakes_its_request_keeps_it_from_running()
    {
        Serve();
        await _server.Link.StartAsync(hasBroadcasts: false, Cancel).Soon();
        SendCancel("rpc.cb.me", "1");

        _server.Deliver(TestServer.Request(id: "1", tag: 1));
        _server.Deliver(TestServer.Request(id: "2", tag: 2));

        Assert.Equal("2", (await Channel.NextReplyAsync()).Id);
        await _server.Link.DrainAsync().Soon();
        Assert.DoesNotContain("publish 1", Channel.Events);
        Assert.Equal(2, Channel.Events.Count(text => text is "ack 1" or "ack 2") + (2 * Channel.Events.Count(text => text == "ack 2 multiple")));
    }

    [Fact]
    public async Task The_loss_of_the_inbox_is_no_loss_of_the_link()
    {
        Serve();
        await _server.Link.StartAsync(hasBroadcasts: false, Cancel).Soon();

        Channel.Consumers["rpc.cx.0000000000000002"].Consumer.OnCancelledByBroker();

        Assert.False(_server.Link.Closed.IsCompleted);
    }

    [Fact]
    public async Task The_loss_of_the_request_queue_ends_the_link_and_lets_its_calls_finish()
    {
        await ServeHeldAsync();
        Channel.Consumers["q"].Consumer.OnCancelledByBroker();
        Assert.Contains("'q'", (await _server.Link.Closed.Soon()).Reason, StringComparison.Ordinal);

        _server.Link.OnLost();
        await _server.Link.DisposeAsync().Soon();
        Task draining = _server.Drains.WhenAllAsync();

        Assert.False(draining.IsCompleted || Channel.IsDisposed || _handlerToken.IsCancellationRequested);
        _release.SetResult();
        await draining.Soon();
        Assert.True(Channel.IsDisposed);
        Assert.Contains("publish 1", Channel.Events);
        Assert.Equal(["ack 1", "dispose"], Channel.Events.TakeLast(2));
        Assert.True(_server.Drains.WhenAllAsync().IsCompleted);
    }

    [Fact]
    public async Task The_loss_of_the_channel_after_that_of_the_queue_abandons_what_runs()
    {
        await ServeHeldAsync();
        Channel.Consumers["q"].Consumer.OnCancelledByBroker();
        await _server.Link.Closed.Soon();
        await _server.Link.DisposeAsync().Soon();

        Channel.Close();

        await TaskBounds.Until(() => _handlerToken.IsCancellationRequested);
        _release.SetResult();
        await _server.Drains.WhenAllAsync().Soon();
        Assert.DoesNotContain("publish 1", Channel.Events);
    }

    [Fact]
    public async Task Disposal_before_the_link_is_used_abandons_what_runs_already()
    {
        await ServeHeldAsync();

        await _server.Link.DisposeAsync().Soon();

        await TaskBounds.Until(() => _handlerToken.IsCancellationRequested);
        _release.SetResult();
    }

    [Fact]
    public async Task The_loss_of_the_broadcast_queue_ends_the_link()
    {
        Serve();
        await _server.Link.StartAsync(hasBroadcasts: true, Cancel).Soon();

        Channel.Consumers["rpc.bc.0000000000000003"].Consumer.OnCancelledByBroker();

        Assert.Contains("broadcasts to 'q'", (await _server.Link.Closed.Soon()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_loss_of_the_channel_abandons_what_runs()
    {
        await ServeHeldAsync();
        _server.Deliver(TestServer.Request(id: "2", tag: 2));
        Channel.Close();
        await _server.Link.Closed.Soon();

        _server.Link.OnLost();

        await TaskBounds.Until(() => _handlerToken.IsCancellationRequested);
        _release.SetResult();
        await _server.Link.DisposeAsync().Soon();
        Assert.DoesNotContain("publish 1", Channel.Events);
        Assert.True(Channel.IsDisposed);
        Assert.True(_server.Drains.WhenAllAsync().IsCompleted);
    }

    [Fact]
    public async Task Draining_stops_the_consumers_and_waits_for_what_runs()
    {
        await ServeHeldAsync();

        Task draining = _server.Link.DrainAsync();

        await TaskBounds.Until(() => Channel.Events.Contains("cancel tag2"));
        Assert.False(draining.IsCompleted);
        _release.SetResult();
        await draining.Soon();
        Assert.Equal(["publish 1", "ack 1"], Channel.Events.TakeLast(2));
        Assert.Empty(_server.Log.Ids);
    }

    [Fact]
    public async Task After_the_grace_period_what_runs_is_given_up()
    {
        await ServeHeldAsync();
        Task draining = _server.Link.DrainAsync();
        await TaskBounds.Until(() => Channel.Events.Contains("cancel tag2"));

        await AdvanceUntilAsync(draining, TimeSpan.FromSeconds(30));

        Assert.Equal([45], _server.Log.Ids);
        Assert.Contains("1 call", _server.Log.Text(45), StringComparison.Ordinal);
        await TaskBounds.Until(() => _handlerToken.IsCancellationRequested);
        _release.SetResult();
        Assert.DoesNotContain("publish 1", Channel.Events);
    }

    [Fact]
    public async Task Before_the_grace_period_is_over_nothing_is_given_up()
    {
        await ServeHeldAsync();
        Task draining = _server.Link.DrainAsync();
        await TaskBounds.Until(() => Channel.Events.Contains("cancel tag2"));

        await Task.Delay(20, Cancel); // the drain sets its timer
        _server.Time.Advance(TimeSpan.FromSeconds(29));

        Assert.False(draining.IsCompleted || _handlerToken.IsCancellationRequested);
        _release.SetResult();
        await draining.Soon();
        Assert.Empty(_server.Log.Ids);
    }

    [Fact]
    public async Task The_grace_period_can_be_ended_early()
    {
        await ServeHeldAsync();
        Task draining = _server.Link.DrainAsync();

        _server.Drains.EndGracePeriod();

        await draining.Soon();
        Assert.Equal([45], _server.Log.Ids);
    }

    [Fact]
    public async Task A_closed_channel_is_not_waited_for()
    {
        await ServeHeldAsync();
        Task draining = _server.Link.DrainAsync();

        Channel.Close();

        await draining.Soon();
    }

    [Fact]
    public async Task Callers_of_at_most_once_calls_are_told_that_they_were_interrupted()
    {
        await ServeHeldAsync(atMostOnce: true);
        _server.Drains.EndGracePeriod();

        await _server.Link.DrainAsync().Soon();

        SentMessage reply = await Channel.NextReplyAsync();
        Assert.Equal(("rpc.cb.me", "1", "fault", "application/problem+json"), (reply.RoutingKey, reply.Id, reply.Type, reply.ContentType));
        Assert.Contains("urn:rpcgen:fault:interrupted", reply.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Callers_of_other_calls_are_told_nothing()
    {
        await ServeHeldAsync();
        _server.Drains.EndGracePeriod();

        await _server.Link.DrainAsync().Soon();

        Assert.Equal(0, Channel.PendingReplies);
    }

    [Fact]
    public async Task A_broker_that_does_not_answer_is_waited_for_three_seconds()
    {
        Serve();
        await _server.Link.StartAsync(hasBroadcasts: false, Cancel).Soon();
        Channel.Before = what => what.StartsWith("cancel", StringComparison.Ordinal) ? new TaskCompletionSource().Task : Task.CompletedTask;
        Task draining = _server.Link.DrainAsync();
        _server.Time.Advance(TimeSpan.FromSeconds(2.9));
        Assert.False(draining.IsCompleted);

        _server.Time.Advance(TimeSpan.FromSeconds(0.1));

        await draining.Soon();
        Assert.Equal([46], _server.Log.Ids);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Consumers_that_cannot_be_stopped_are_no_error(bool isRefused)
    {
        Serve();
        await _server.Link.StartAsync(hasBroadcasts: false, Cancel).Soon();
        Channel.Before = _ => isRefused ? throw new TransportRefusedException(404, "no") : throw new TransportClosedException(new TransportClosure("gone"), nothingSent: true);

        await _server.Link.DrainAsync().Soon();

        Assert.Equal([46], _server.Log.Ids);
    }

    [Fact]
    public async Task Load_is_what_runs_and_what_waits()
    {
        _server.Settings = _server.Settings with { MaxConcurrentCalls = 1 };
        await ServeHeldAsync();
        _server.Deliver(TestServer.Request(id: "2", tag: 2));

        Assert.Equal((1, 1), _server.Link.Load);
        _release.SetResult();
        await TaskBounds.Until(() => _server.Link.Load == (0, 0));
    }

    [Fact]
    public async Task A_waiting_call_is_abandoned_without_running()
    {
        _server.Settings = _server.Settings with { MaxConcurrentCalls = 1 };
        await ServeHeldAsync();
        _server.Deliver(TestServer.Request(id: "2", tag: 2));
        _server.Drains.EndGracePeriod();
        await _server.Link.DrainAsync().Soon();
        _release.SetResult();

        await TaskBounds.Until(() => _server.Link.Load == (0, 0));

        Assert.DoesNotContain(Channel.Events, text => text.StartsWith("publish", StringComparison.Ordinal) || text.StartsWith("ack", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_token_of_a_late_call_fires()
    {
        await ServeHeldAsync(expiration: "100");

        _server.Time.Advance(TimeSpan.FromMilliseconds(101));

        await TaskBounds.Until(() => _handlerToken.IsCancellationRequested);
        _release.SetResult();
        Assert.Equal("1", (await Channel.NextReplyAsync()).Id); // a handler that ignores its token still answers
    }

    private void Serve() => _server.Serve((text, _) => new(text));

    private async Task ServeHeldAsync(bool atMostOnce = false, string? expiration = null)
    {
        _server.Serve(
            async (text, token) =>
            {
                _handlerToken = token;
                _started.TrySetResult();
                await _release.Task;
                return text;
            },
            method: json => new TestMethod(json, "echo") { AtMostOnce = atMostOnce });
        await _server.Link.StartAsync(hasBroadcasts: true, Cancel).Soon();
        _server.Deliver(TestServer.Request(expiration: expiration));
        await _started.Task.Soon();
    }

    private void SendCancel(string? replyTo, string? id, string? type = null) =>
        Channel.Consumers["rpc.cx.0000000000000002"].Consumer.OnDelivered(new IncomingMessage { ReplyTo = replyTo, CorrelationId = id, Type = type });

    /// <summary>Lets time pass in steps, because the timer is set on another thread.</summary>
    private async Task AdvanceUntilAsync(Task task, TimeSpan step) => await TaskBounds.Until(() =>
    {
        _server.Time.Advance(step);
        return task.IsCompleted;
    });
}
