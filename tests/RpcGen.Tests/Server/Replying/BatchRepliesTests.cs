using RpcGen.Server.Acknowledging;
using RpcGen.Server.Replying;
using RpcGen.Tests.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Server.Replying;

/// <summary>Every move of the table at <see cref="BatchReplies"/>.</summary>
public sealed class BatchRepliesTests : IDisposable
{
    private readonly TestServer _server = new();
    private readonly AckTracker _acks;
    private readonly Delivery _delivery;
    private readonly UnsentQueue _queue = new();

    public BatchRepliesTests()
    {
        _acks = new AckTracker(_server.Channel, _server.Time, prefetch: 1);
        _delivery = _acks.Add(TestServer.Request(tag: 7), receivedAt: 0, maxBodyBytes: 100);
    }

    public void Dispose() => _acks.Dispose();

    [Fact]
    public async Task A_reply_waits_for_a_worker()
    {
        BatchReplies replies = Create(calls: 2);

        Assert.True(await replies.WriteAsync(Reply(1, "\"a\"")).Soon());

        Assert.Same(replies, Assert.Single(_queue.Added));
        Assert.Equal(0, _server.Channel.PendingReplies);
        await replies.SendAsync().Soon();
        SentMessage sent = await _server.Channel.NextReplyAsync();
        Assert.Equal(("rpc.cb.me", "$batch", "batch", BatchText.ContentType, """[["0000000000000001","a"]]"""), (sent.RoutingKey, sent.Type, sent.Id, sent.ContentType, sent.Body));
        Assert.Null(sent.Headers);
    }

    [Fact]
    public async Task Replies_that_are_ready_together_share_a_message_and_are_queued_once()
    {
        BatchReplies replies = Create(calls: 3);
        await replies.WriteAsync(Reply(1, "1")).Soon();
        await replies.WriteAsync(Reply(2, "{}", isFault: true)).Soon();

        Assert.Single(_queue.Added);
        await replies.SendAsync().Soon();

        Assert.Equal("""[["0000000000000001",1],["0000000000000002",{},"fault"]]""", (await _server.Channel.NextReplyAsync()).Body);
        await replies.WriteAsync(Reply(3, "3")).Soon();
        Assert.Equal(2, _queue.Added.Count);
    }

    [Fact]
    public async Task The_last_call_sends_what_is_left_and_then_acknowledges()
    {
        BatchReplies replies = Create(calls: 2);
        await EndAsync(replies, 1);
        Assert.Equal(0, _server.Channel.PendingReplies);

        await EndAsync(replies, 2);

        await _server.Channel.NextReplyAsync();
        Assert.Equal((7UL, false), await _server.Channel.NextAckAsync());
        Assert.Equal(["publish batch", "ack 7"], _server.Channel.Events);
    }

    [Fact]
    public async Task Without_replies_the_last_call_acknowledges()
    {
        BatchReplies replies = Create(calls: 1);

        replies.EndCall(_delivery, acknowledge: true);

        Assert.Equal((7UL, false), await _server.Channel.NextAckAsync());
        await replies.SendAsync().Soon(); // a worker that comes late
        Assert.Equal(["ack 7"], _server.Channel.Events);
    }

    [Fact]
    public async Task A_call_that_must_be_kept_keeps_the_batch()
    {
        BatchReplies replies = Create(calls: 2);
        replies.EndCall(_delivery, acknowledge: false);
        replies.EndCall(_delivery, acknowledge: true);

        await _acks.WhenIdleAsync().Soon();

        Assert.Empty(_server.Channel.Events);
    }

    [Fact]
    public async Task A_reply_that_could_not_be_sent_keeps_the_batch()
    {
        _server.Channel.Before = what => what.StartsWith("publish", StringComparison.Ordinal) ? throw new TransportClosedException(new TransportClosure("gone"), nothingSent: true) : Task.CompletedTask;
        BatchReplies replies = Create(calls: 1);

        await EndAsync(replies, 1);

        await _acks.WhenIdleAsync().Soon();
        Assert.Empty(_server.Channel.Events);
    }

    [Fact]
    public async Task While_one_thread_sends_another_does_not_and_what_was_added_follows()
    {
        var publishing = new TaskCompletionSource();
        _server.Channel.Before = what => what.StartsWith("publish", StringComparison.Ordinal) ? publishing.Task : Task.CompletedTask;
        BatchReplies replies = Create(calls: 2);
        await replies.WriteAsync(Reply(1, "1")).Soon();
        Task sending = replies.SendAsync();
        await replies.WriteAsync(Reply(2, "2")).Soon();

        Assert.True(replies.SendAsync().IsCompleted);
        Assert.False(sending.IsCompleted);
        publishing.SetResult();

        await sending.Soon();
        Assert.Equal("""[["0000000000000001",1]]""", (await _server.Channel.NextReplyAsync()).Body);
        Assert.Equal("""[["0000000000000002",2]]""", (await _server.Channel.NextReplyAsync()).Body);
    }

    [Fact]
    public async Task The_delivery_ends_after_the_send_that_is_under_way()
    {
        var publishing = new TaskCompletionSource();
        _server.Channel.Before = what => what.StartsWith("publish", StringComparison.Ordinal) ? publishing.Task : Task.CompletedTask;
        BatchReplies replies = Create(calls: 1);
        await EndAsync(replies, 1);
        Assert.Empty(_server.Channel.Events);

        publishing.SetResult();

        await _server.Channel.NextAckAsync();
        Assert.Equal(["publish batch", "ack 7"], _server.Channel.Events);
    }

    [Fact]
    public async Task A_full_message_is_sent_at_once()
    {
        BatchReplies replies = Create(calls: 3);
        await replies.WriteAsync(Reply(1, $"\"{new string('x', BatchReplies.MaxBytes / 2)}\"")).Soon();
        Assert.Equal(0, _server.Channel.PendingReplies);

        await replies.WriteAsync(Reply(2, $"\"{new string('x', BatchReplies.MaxBytes / 2)}\"")).Soon();

        await _server.Channel.NextReplyAsync();
        Assert.Single(_queue.Added);
    }

    [Theory]
    [InlineData(BatchReplies.MaxBytes - 1, "$batch")]
    [InlineData(BatchReplies.MaxBytes, null)]
    public async Task A_large_reply_travels_alone(int length, string? type)
    {
        BatchReplies replies = Create(calls: 2);

        await replies.WriteAsync(Reply(1, new string('1', length))).Soon();

        SentMessage sent = await _server.Channel.NextReplyAsync();
        Assert.Equal((type, type is null ? "application/json;batch=1" : BatchText.ContentType), (sent.Type, sent.ContentType));
    }

    [Fact]
    public async Task A_reply_with_headers_travels_alone()
    {
        BatchReplies replies = Create(calls: 2);
        long started = _server.Time.GetTimestamp();
        _server.Time.Advance(TimeSpan.FromMilliseconds(1));

        await replies.WriteAsync(new CallReply { Delivery = _delivery, Id = new CorrelationId("a"), Body = "1"u8.ToArray(), IsFault = true, StartedAt = started, Headers = new Dictionary<string, object?> { ["k"] = "v" } }).Soon();

        SentMessage sent = await _server.Channel.NextReplyAsync();
        Assert.Equal(("fault", "a", "application/problem+json;batch=0", "v"), (sent.Type, sent.Id, sent.ContentType, sent.Headers!["k"]));
    }

    [Theory]
    [InlineData(999, """[["0000000000000001",1]]""")]
    [InlineData(1000, """[["0000000000000001",1,null,1]]""")]
    [InlineData(5300, """[["0000000000000001",1,null,5]]""")]
    public async Task A_slow_handler_s_time_is_told(int microseconds, string expected)
    {
        BatchReplies replies = Create(calls: 2);
        long started = _server.Time.GetTimestamp();
        _server.Time.Advance(TimeSpan.FromMicroseconds(microseconds));

        await replies.WriteAsync(new CallReply { Delivery = _delivery, Id = new CorrelationId(1), Body = "1"u8.ToArray(), IsFault = false, StartedAt = started }).Soon();
        await replies.SendAsync().Soon();

        Assert.Equal(expected, (await _server.Channel.NextReplyAsync()).Body);
    }

    [Fact]
    public async Task A_worker_waits_three_times_in_a_row_for_more()
    {
        BatchReplies replies = Create(calls: 2);
        Assert.False(replies.IsWorthWaiting()); // nothing is there to send
        await replies.WriteAsync(Reply(1, "1")).Soon();
        Assert.Equal([true, true, true, false], Enumerable.Range(0, 4).Select(_ => replies.IsWorthWaiting()));

        await replies.WriteAsync(Reply(2, "2")).Soon();
        Assert.True(replies.IsWorthWaiting());
    }

    [Fact]
    public async Task For_the_last_reply_no_worker_waits()
    {
        var publishing = new TaskCompletionSource();
        _server.Channel.Before = what => publishing.Task;
        BatchReplies replies = Create(calls: 2);
        await replies.WriteAsync(Reply(1, "1")).Soon();
        _ = replies.SendAsync();
        await replies.WriteAsync(Reply(2, "2")).Soon();
        replies.EndCall(_delivery, acknowledge: true);
        replies.EndCall(_delivery, acknowledge: true);

        Assert.False(replies.IsWorthWaiting());
        publishing.SetResult();
        await _server.Channel.NextReplyAsync();
    }

    private BatchReplies Create(int calls) =>
        new(new ReplySender(_server.Channel, _server.Environment, "q", exchange: ""), _acks, _queue, _server.Time, _delivery, new CorrelationId("batch"), calls);

    private CallReply Reply(ulong id, string body, bool isFault = false) =>
        new() { Delivery = _delivery, Id = new CorrelationId(id), Body = System.Text.Encoding.UTF8.GetBytes(body), IsFault = isFault };

    private async Task EndAsync(BatchReplies replies, ulong id)
    {
        Assert.True(await replies.WriteAsync(Reply(id, "1")).Soon());
        replies.EndCall(_delivery, acknowledge: true);
    }

    private sealed class UnsentQueue : IGatheredReplyQueue
    {
        public List<IGatheredReplies> Added { get; } = [];

        public void Add(IGatheredReplies replies) => Added.Add(replies);
    }
}
