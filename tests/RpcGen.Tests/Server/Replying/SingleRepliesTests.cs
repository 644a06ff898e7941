using RpcGen.Server.Acknowledging;
using RpcGen.Server.Replying;
using RpcGen.Transport;

namespace RpcGen.Tests.Server.Replying;

public sealed class SingleRepliesTests : IDisposable
{
    private readonly TestServer _server = new();
    private readonly AckTracker _acks;
    private readonly SingleReplies _replies;

    public SingleRepliesTests()
    {
        _acks = new AckTracker(_server.Channel, _server.Time, prefetch: 1);
        _replies = new SingleReplies(new ReplySender(_server.Channel, _server.Environment, "q", exchange: ""), _acks, _server.Time);
    }

    public void Dispose() => _acks.Dispose();

    [Theory]
    [InlineData("1", false, null, "application/json")]
    [InlineData("", false, null, null)]
    [InlineData("{}", true, "fault", "application/problem+json")]
    public async Task A_reply_goes_to_the_caller_with_its_id(string body, bool isFault, string? type, string? contentType)
    {
        Assert.True(await _replies.WriteAsync(Reply(Add("application/json"), body, isFault)).Soon());

        SentMessage sent = await _server.Channel.NextReplyAsync();
        Assert.Equal(("rpc.cb.me", "x", body, type, contentType, null), (sent.RoutingKey, sent.Id, sent.Body, sent.Type, sent.ContentType, sent.Headers));
    }

    [Theory]
    [InlineData("1", false, 0, "application/json;batch=1")]
    [InlineData("", false, 0, "application/json;batch=1")]
    [InlineData("1", false, 999, "application/json;batch=1")]
    [InlineData("1", false, 1000, "application/json;batch=0")]
    [InlineData("", false, 1000, "application/json;batch=0")]
    [InlineData("{}", true, 999, "application/problem+json;batch=1")]
    [InlineData("{}", true, 1000, "application/problem+json;batch=0")]
    public async Task A_client_that_asks_is_told_whether_batches_are_worthwhile(string body, bool isFault, int microseconds, string contentType)
    {
        long started = _server.Time.GetTimestamp();
        _server.Time.Advance(TimeSpan.FromMicroseconds(microseconds));

        await _replies.WriteAsync(Reply(Add("application/json;batch=1"), body, isFault, started)).Soon();

        Assert.Equal(contentType, (await _server.Channel.NextReplyAsync()).ContentType);
    }

    [Fact]
    public async Task A_call_that_did_not_start_is_quick()
    {
        _server.Time.Advance(TimeSpan.FromSeconds(5));

        await _replies.WriteAsync(Reply(Add("application/json;batch=1"), "1", isFault: false)).Soon();

        Assert.Equal("application/json;batch=1", (await _server.Channel.NextReplyAsync()).ContentType);
    }

    [Fact]
    public async Task Headers_go_along()
    {
        await _replies.WriteAsync(new CallReply { Delivery = Add(null), Id = default, Body = default, IsFault = false, Headers = new Dictionary<string, object?> { ["k"] = "v" } }).Soon();

        Assert.Equal("v", (await _server.Channel.NextReplyAsync()).Headers!["k"]);
    }

    [Fact]
    public async Task A_closed_channel_is_no_error_but_the_request_must_be_kept()
    {
        _server.Channel.Close();

        Assert.False(await _replies.WriteAsync(Reply(Add(null), "1", isFault: false)).Soon());
        Assert.Equal([43], _server.Log.Ids);
    }

    [Fact]
    public async Task An_address_that_cannot_be_written_is_dropped()
    {
        _server.Channel.Before = _ => throw new ArgumentException("too long");

        Assert.True(await _replies.WriteAsync(Reply(Add(null), "1", isFault: false)).Soon());
        Assert.Equal([41], _server.Log.Ids);
    }

    [Fact]
    public async Task Metadata_that_cannot_be_sent_becomes_a_fault()
    {
        int attempts = 0;
        _server.Channel.Before = what => what.StartsWith("publish", StringComparison.Ordinal) && attempts++ == 0 ? throw new ArgumentException("The headers are too large.") : Task.CompletedTask;

        Assert.True(await _replies.WriteAsync(new CallReply { Delivery = Add(null), Id = new CorrelationId("x"), Body = default, IsFault = false, Headers = new Dictionary<string, object?> { ["k"] = "v" } }).Soon());

        SentMessage sent = await _server.Channel.NextReplyAsync();
        Assert.Equal(("x", "fault", null), (sent.Id, sent.Type, sent.Headers));
        Assert.Contains("urn:rpcgen:fault:result-too-large", sent.Body, StringComparison.Ordinal);
        Assert.Equal([51], _server.Log.Ids);
    }

    [Fact]
    public async Task An_ended_call_ends_its_delivery()
    {
        Delivery kept = Add(null, 1);
        Delivery acknowledged = Add(null, 2);

        _replies.EndCall(kept, acknowledge: false);
        _replies.EndCall(acknowledged, acknowledge: true);
        _acks.Flush();

        Assert.Equal((2UL, false), await _server.Channel.NextAckAsync());
    }

    [Fact]
    public async Task A_fault_can_be_sent_without_the_delivery_until_its_token_fires()
    {
        var sender = new ReplySender(_server.Channel, _server.Environment, "q", exchange: "");
        using var timeout = new CancellationTokenSource();

        Assert.True(await sender.SendFaultAsync("rpc.cb.you", new CorrelationId("y"), "{}"u8.ToArray(), timeout.Token).Soon());
        SentMessage sent = await _server.Channel.NextReplyAsync();
        Assert.Equal(("rpc.cb.you", "y", "fault", "application/problem+json", "{}"), (sent.RoutingKey, sent.Id, sent.Type, sent.ContentType, sent.Body));

        _server.Channel.Before = _ => new TaskCompletionSource().Task;
        ValueTask<bool> hanging = sender.SendFaultAsync("rpc.cb.you", new CorrelationId("y"), default, timeout.Token);
        await timeout.CancelAsync();
        Assert.False(await hanging.Soon());
    }

    private Delivery Add(string? contentType, ulong tag = 1) => _acks.Add(TestServer.Request(tag: tag, contentType: contentType), receivedAt: 0, maxBodyBytes: 100);

    private static CallReply Reply(Delivery delivery, string body, bool isFault, long? startedAt = null) =>
        new() { Delivery = delivery, Id = new CorrelationId("x"), Body = System.Text.Encoding.UTF8.GetBytes(body), IsFault = isFault, StartedAt = startedAt };
}
