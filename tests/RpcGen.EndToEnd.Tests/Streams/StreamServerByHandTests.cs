using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Streams;

/// <summary>Servers that break the protocol, vanish, fall silent, or lose messages. They are written by hand.</summary>
public abstract class StreamServerByHandTests(ITestBroker broker) : StreamTest(broker)
{
    [Fact]
    public async Task A_stream_by_hand_is_read()
    {
        (RawPeer server, IFeed client) = await ConnectServerAsync();
        await using RawPeer _ = server;
        await using IAsyncEnumerator<FeedItem> items = client.ReadAsync("x", Cancel).GetAsyncEnumerator(Cancel);
        Task<bool> next = items.MoveNextAsync().AsTask();
        (Received request, RawPeer stream) = await AcceptAsync(server);
        await using RawPeer __ = stream;
        Assert.Matches(@"^application/json;window=\d+;beat=5000$", request.ContentType);
        Assert.Equal(("Read", """{"name":"x"}"""), (request.Type, request.Body));

        await stream.SayAsync(request, "open", """{"every":5000}""");
        await stream.SayAsync(request, "item", """[{"number":0,"text":"a"},{"number":1,"text":"b"}]""", 0);
        await stream.SayAsync(request, "end", """[{"number":2,"text":"c"}]""", 2);

        Assert.True(await next.OrFail());
        Assert.True(await items.MoveNextAsync().AsTask().OrFail());
        Assert.True(await items.MoveNextAsync().AsTask().OrFail());
        Assert.Equal(new FeedItem(2, "c"), items.Current);
        Assert.False(await items.MoveNextAsync().AsTask().OrFail());
    }

    [Theory]
    [InlineData("item", "[1]", 1, "item 1 where item 0")]
    [InlineData("end", "[]", 7, "item 7 where item 0")]
    [InlineData("item", "[", 0, "cannot be read")]
    [InlineData("item", "[{},{}] 5", 0, "cannot be read")]
    [InlineData("item", """{"number":1}""", 0, "cannot be read")]
    [InlineData("item", """["text"]""", 0, "cannot be read")]
    [InlineData("what", "[]", 0, "unknown kind")]
    [InlineData("item", "[]", null, "item -1")]
    public async Task A_server_that_breaks_the_rules_fails_the_stream(string type, string body, int? number, string says)
    {
        (RawPeer server, IFeed client) = await ConnectServerAsync();
        await using RawPeer _ = server;
        Task<List<FeedItem>> reading = client.ReadAsync("x", Cancel).ToListAsync(Cancel).AsTask();
        (Received request, RawPeer stream) = await AcceptAsync(server);
        await using RawPeer __ = stream;

        await stream.SayAsync(request, type, body, number);

        var broken = await Assert.ThrowsAsync<RpcProtocolException>(() => reading.OrFail());
        Assert.Contains(says, broken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_first_message_of_an_unknown_content_type_fails_the_stream_at_once()
    {
        (RawPeer server, IFeed client) = await ConnectServerAsync();
        await using RawPeer _ = server;
        Task<List<FeedItem>> reading = client.ReadAsync("x", Cancel).ToListAsync(Cancel).AsTask();
        (Received request, RawPeer stream) = await AcceptAsync(server);
        await using RawPeer __ = stream;

        await stream.SendAsync(request.ReplyTo!, "[]", "end", request.CorrelationId, contentType: "text/xml");

        var broken = await Assert.ThrowsAsync<RpcProtocolException>(() => reading.OrFail());
        Assert.Contains("text/xml", broken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_loses_its_connection_before_it_was_heard_says_so_afterwards()
    {
        (RawPeer server, IFeed client) = await ConnectServerAsync();
        await using RawPeer _ = server;
        Task<List<FeedItem>> reading = client.ReadAsync("x", Cancel).ToListAsync(Cancel).AsTask();
        (Received request, RawPeer again) = await AcceptAsync(server);
        await using RawPeer __ = again;

        await SayInterruptedAsync(again, request);

        var lost = await Assert.ThrowsAsync<RpcConnectionException>(() => reading.OrFail());
        Assert.Equal((0, RpcExecution.Unknown), (lost.ItemsReceived, lost.Execution));

        reading = client.ReadIdempotentlyAsync("x", Cancel).ToListAsync(Cancel).AsTask();
        await SayInterruptedAsync(again, await server.NextAsync());
        await again.SayAsync(await server.NextAsync(), "end", """[{"number":0,"text":"a"}]""", 0);
        Assert.Equal([new FeedItem(0, "a")], await reading.OrFail());
    }

    [Fact]
    public async Task More_than_was_granted_fails_the_stream_after_what_was_received()
    {
        (RawPeer server, IFeed client) = await ConnectServerAsync();
        await using RawPeer _ = server;
        await using IAsyncEnumerator<FeedItem> items = client.ReadNarrowlyAsync("x", Cancel).GetAsyncEnumerator(Cancel);
        Task<bool> first = items.MoveNextAsync().AsTask();
        (Received request, RawPeer stream) = await AcceptAsync(server);
        await using RawPeer __ = stream;

        string large = $$"""[{"number":1,"text":"{{new string('x', 5000)}}"}]""";
        await stream.SayAsync(request, "item", large, 0);
        await stream.SayAsync(request, "item", large, 1);
        await stream.SayAsync(request, "item", large, 2);

        Assert.True(await first.OrFail());
        Assert.Equal("cancel", (await stream.NextAsync()).Type); // before another read, which could grant more
        var broken = await Assert.ThrowsAsync<RpcProtocolException>(async () =>
        {
            while (await items.MoveNextAsync().AsTask().OrFail())
            {
            }
        });
        Assert.Contains("more than it was granted", broken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_reply_instead_of_a_stream_fails_the_call()
    {
        (RawPeer server, IFeed client) = await ConnectServerAsync();
        await using RawPeer _ = server;
        Task<List<FeedItem>> reading = client.ReadAsync("x", Cancel).ToListAsync(Cancel).AsTask();
        Received request = await server.NextAsync();

        await server.SendAsync(request.ReplyTo!, "[]", type: null, request.CorrelationId, replyTo: null);

        var broken = await Assert.ThrowsAsync<RpcProtocolException>(() => reading.OrFail());
        Assert.Contains("one reply instead of a stream", broken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Messages_that_a_beat_counts_and_that_have_not_come_fail_the_stream()
    {
        (RawPeer server, IFeed client) = await ConnectServerAsync();
        await using RawPeer _ = server;
        Task<List<FeedItem>> reading = client.ReadAsync("x", Cancel).ToListAsync(Cancel).AsTask();
        (Received request, RawPeer stream) = await AcceptAsync(server);
        await using RawPeer __ = stream;

        await stream.SayAsync(request, "open", """{"every":5000}""");
        await stream.SendAsync(request.ReplyTo!, $$"""{"every":5000,"served":[["{{request.CorrelationId}}",1]]}""", "beat", null, stream.Queue);
        await stream.SendAsync(request.ReplyTo!, $$"""{"every":5000,"served":[["{{request.CorrelationId}}",2]]}""", "beat", null, stream.Queue);

        var broken = await Assert.ThrowsAsync<RpcProtocolException>(() => reading.OrFail());
        Assert.Contains("were lost", broken.Message, StringComparison.Ordinal);
        Assert.Equal("cancel", (await stream.NextAsync()).Type);
    }

    [Fact]
    public async Task A_call_that_a_beat_lists_no_more_has_ended_without_a_word()
    {
        (RawPeer server, IFeed client) = await ConnectServerAsync();
        await using RawPeer _ = server;
        Task<List<FeedItem>> reading = client.ReadAsync("x", Cancel).ToListAsync(Cancel).AsTask();
        (Received request, RawPeer stream) = await AcceptAsync(server);
        await using RawPeer __ = stream;

        await stream.SayAsync(request, "open", """{"every":5000}""");
        await stream.SendAsync(request.ReplyTo!, $$"""{"served":[["{{request.CorrelationId}}",1]]}""", "beat", null, stream.Queue);
        await stream.SendAsync(request.ReplyTo!, """{"served":[]}""", "beat", null, stream.Queue);

        await Assert.ThrowsAsync<RpcProtocolException>(() => reading.OrFail());
    }

    [Fact]
    public async Task A_call_that_is_unknown_here_is_answered()
    {
        (RawPeer server, IFeed client) = await ConnectServerAsync();
        await using RawPeer _ = server;
        await using IAsyncEnumerator<FeedItem> items = client.ReadAsync("x", Cancel).GetAsyncEnumerator(Cancel);
        Task<bool> next = items.MoveNextAsync().AsTask();
        (Received request, RawPeer stream) = await AcceptAsync(server);
        await using RawPeer __ = stream;
        await stream.SayAsync(request, "open", """{"every":5000}""");

        await stream.SendAsync(request.ReplyTo!, $$"""{"served":[["{{request.CorrelationId}}",1],["unknown",3]],"calls":[["other",1]]}""", "beat", null, stream.Queue);

        Received cancel = await stream.NextAsync();
        Assert.Equal(("cancel", "unknown"), (cancel.Type, cancel.CorrelationId));
        Received fault = await stream.NextAsync();
        Assert.Equal(("other", "interrupted"), (fault.CorrelationId, fault.FaultCode));
        await stream.SayAsync(request, "end", "[]", 0);
        Assert.False(await next.OrFail());
    }

    [Fact]
    public async Task A_server_whose_queue_is_gone_is_lost()
    {
        (RawPeer server, IFeed client) = await ConnectServerAsync(TimeSpan.FromMilliseconds(100));
        await using RawPeer _ = server;
        Task<List<FeedItem>> reading = client.ReadAsync("x", Cancel).ToListAsync(Cancel).AsTask();
        (Received request, RawPeer stream) = await AcceptAsync(server);
        await stream.SayAsync(request, "open", """{"every":60000}""");
        Assert.Equal("beat", (await stream.NextAsync()).Type);

        await stream.DisposeAsync(); // as after kill -9

        var lost = await Assert.ThrowsAsync<RpcConnectionException>(() => reading.OrFail());
        Assert.Contains("is gone", lost.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_falls_silent_is_lost()
    {
        (RawPeer server, IFeed client) = await ConnectServerAsync(TimeSpan.FromMilliseconds(100));
        await using RawPeer _ = server;
        Task<List<FeedItem>> reading = client.ReadAsync("x", Cancel).ToListAsync(Cancel).AsTask();
        (Received request, RawPeer stream) = await AcceptAsync(server);
        await using RawPeer __ = stream;

        await stream.SayAsync(request, "open", """{"every":100}""");

        var lost = await Assert.ThrowsAsync<RpcConnectionException>(() => reading.OrFail());
        Assert.Contains("nothing was heard", lost.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_has_only_opened_gives_way_to_another_and_never_comes_back()
    {
        (RawPeer server, IFeed client) = await ConnectServerAsync();
        await using RawPeer _ = server;
        Task<List<FeedItem>> reading = client.ReadAsync("x", Cancel).ToListAsync(Cancel).AsTask();
        (Received request, RawPeer first) = await AcceptAsync(server);
        await using RawPeer __ = first;
        await using RawPeer second = await RawPeer.ConnectAsync(Broker);
        await using RawPeer third = await RawPeer.ConnectAsync(Broker);

        await first.SayAsync(request, "open", """{"every":5000}""");
        await second.SayAsync(request, "item", """[{"number":0,"text":"a"}]""", 0);
        Assert.Equal("cancel", (await first.NextAsync()).Type);
        await first.SayAsync(request, "item", """[{"number":9,"text":"late"}]""", 0);
        Assert.Equal("cancel", (await first.NextAsync()).Type);
        await third.SayAsync(request, "open", """{"every":5000}""");
        Assert.Equal("cancel", (await third.NextAsync()).Type);
        await second.SayAsync(request, "end", """[{"number":1,"text":"b"}]""", 1);

        Assert.Equal([0, 1], (await reading.OrFail()).Select(item => item.Number));
    }

    private static ValueTask SayInterruptedAsync(RawPeer stream, Received request) => stream.SendAsync(
        request.ReplyTo!, """{"type":"urn:rpcgen:fault:interrupted","title":"The call was interrupted.","detail":"lost"}""", "fault", request.CorrelationId, contentType: "application/problem+json");

    private async Task<(RawPeer Server, IFeed Client)> ConnectServerAsync(TimeSpan? beat = null)
    {
        RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        return (server, await CreateClientAsync(new RpcConnectionOptions { PeerHeartbeat = beat ?? TimeSpan.FromSeconds(5) }));
    }

    /// <summary>The request, and a peer with the queue that serves its stream.</summary>
    private async Task<(Received Request, RawPeer Stream)> AcceptAsync(RawPeer server) => (await server.NextAsync(), await RawPeer.ConnectAsync(Broker));
}

public sealed class StreamServerByHandTestsInMemory(MemoryBroker broker) : StreamServerByHandTests(broker), IClassFixture<MemoryBroker>;

public sealed class StreamServerByHandTestsOnRabbitMq(SharedRabbit broker) : StreamServerByHandTests(broker);
