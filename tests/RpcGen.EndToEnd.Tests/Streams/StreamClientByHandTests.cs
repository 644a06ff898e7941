using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.Transport;

namespace RpcGen.EndToEnd.Tests.Streams;

/// <summary>Clients that follow the protocol, break it, vanish, fall silent, or lose messages. They are written by hand.</summary>
public abstract class StreamClientByHandTests(ITestBroker broker) : StreamTest(broker)
{
    [Fact]
    public async Task A_client_by_hand_grants_and_cancels()
    {
        var source = new Source();
        await ServeAsync(source.ReadAsync);
        await using RawPeer client = await RawPeer.ConnectAsync(Broker);
        await client.SendAsync(Queue, """{"name":"x"}""", "Read", contentType: "application/json;window=1");

        Received open = await client.NextAsync();
        Assert.Equal(("open", "1", """{"every":5000}"""), (open.Type, open.CorrelationId, open.Body));
        source.Write(1);
        Received item = await client.NextAsync();
        Assert.Equal(("item", """[{"number":1,"text":"item 1"}]"""), (item.Type, item.Body));
        source.Write(2, 3);
        await Wait.UntilAsync(() => source.Taken == 3, "the items wait for a grant");
        await client.SendAsync(open.ReplyTo!, """{"bytes":10000}""", "grant");
        Assert.Equal("""[{"number":2,"text":"item 2"},{"number":3,"text":"item 3"}]""", (await client.NextAsync()).Body);
        await client.SendAsync(open.ReplyTo!, "", "cancel", contentType: null);

        await source.TokenFired.OrFail();
        await source.Disposed.OrFail();
        await UntilQueueIsEmptyAsync();
    }

    [Fact]
    public async Task A_request_whose_stream_is_open_already_opens_no_other()
    {
        var source = new Source();
        await ServeAsync(source.ReadAsync);
        await using RawPeer client = await RawPeer.ConnectAsync(Broker);
        await client.SendAsync(Queue, """{"name":"x"}""", "Read", contentType: "application/json;window=10000");
        Assert.Equal("open", (await client.NextAsync()).Type);

        await client.SendAsync(Queue, """{"name":"x"}""", "Read", contentType: "application/json;window=10000"); // as if it was delivered again
        await client.SendAsync(Queue, "{}", "Echo", correlationId: "2"); // refused after it
        Received refusal = await client.NextAsync();
        Assert.Equal(("2", "validation"), (refusal.CorrelationId, refusal.FaultCode));
        await UntilQueueIsEmptyAsync();
        source.Write(1);

        Assert.Equal("""[{"number":1,"text":"item 1"}]""", (await client.NextAsync()).Body);
        Assert.Equal(1, source.Runs);
    }

    [Fact]
    public async Task A_client_whose_queue_is_gone_is_lost()
    {
        var source = new Source();
        await ServeAsync(source.ReadAsync);
        RawPeer client = await RawPeer.ConnectAsync(Broker);
        await client.SendAsync(Queue, """{"name":"x"}""", "Read", contentType: "application/json;window=10000");
        Assert.Equal("open", (await client.NextAsync()).Type);

        await client.DisposeAsync(); // as after kill -9
        source.Write(1);

        await source.TokenFired.OrFail();
        await source.Disposed.OrFail();
    }

    [Fact]
    public async Task A_client_that_falls_silent_is_lost_and_told()
    {
        var source = new Source();
        await ServeAsync(source.ReadAsync, connection: new RpcConnectionOptions { PeerHeartbeat = TimeSpan.FromSeconds(1) });
        await using RawPeer client = await RawPeer.ConnectAsync(Broker);

        await client.SendAsync(Queue, """{"name":"x"}""", "Read", contentType: "application/json;window=10000;beat=1000");

        await source.TokenFired.OrFail();
        Received last = await client.NextAsync();
        while (last.Type is "open" or "beat")
        {
            last = await client.NextAsync();
        }

        Assert.Equal("interrupted", last.FaultCode); // it can have stood still
    }

    [Theory]
    [InlineData("""{"bytes":-1}""")]
    [InlineData("""{"bytes":1,"\ud800":1}""")]
    [InlineData("""{"bytes":99999999999999999999}""")]
    [InlineData("[]")]
    [InlineData("")]
    public async Task A_grant_that_cannot_be_read_ends_the_stream(string grant)
    {
        var source = new Source();
        await ServeAsync(source.ReadAsync);
        await using RawPeer client = await RawPeer.ConnectAsync(Broker);
        await client.SendAsync(Queue, """{"name":"x"}""", "Read", contentType: "application/json;window=10000");
        Received open = await client.NextAsync();

        await client.SendAsync(open.ReplyTo!, grant, "grant");

        Assert.Equal("protocol", (await client.NextAsync()).FaultCode);
        await source.TokenFired.OrFail();
    }

    [Fact]
    public async Task A_grant_that_a_beat_counts_and_that_has_not_come_ends_the_stream()
    {
        var source = new Source();
        await ServeAsync(source.ReadAsync);
        await using RawPeer client = await RawPeer.ConnectAsync(Broker);
        await client.SendAsync(Queue, """{"name":"x"}""", "Read", contentType: "application/json;window=10000");
        Received open = await client.NextAsync();

        await client.SendAsync(open.ReplyTo!, """{"calls":[["1",1]]}""", "beat", null);

        Assert.Equal("protocol", (await client.NextAsync()).FaultCode);
        await source.TokenFired.OrFail();
    }

    [Fact]
    public async Task A_request_without_a_window_is_refused()
    {
        await ServeAsync((_, token) => ItemsAsync(1, token));
        await using RawPeer client = await RawPeer.ConnectAsync(Broker);

        await client.SendAsync(Queue, """{"name":"x"}""", "Read");

        Received refusal = await client.NextAsync();
        Assert.Equal(("protocol", null), (refusal.FaultCode, refusal.ReplyTo));
        Assert.Contains("window", refusal.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_is_cancelled_through_the_exchange_before_its_server_is_known()
    {
        var source = new Source();
        await ServeAsync(source.ReadAsync);
        await using RawPeer client = await RawPeer.ConnectAsync(Broker);
        await client.SendAsync(Queue, """{"name":"x"}""", "Read", contentType: "application/json;window=10000");
        await source.Started.OrFail();

        await client.Channel.PublishAsync(new OutgoingMessage { Exchange = $"{Queue}.cancel", RoutingKey = "", CorrelationId = new CorrelationId("1"), ReplyTo = client.Queue }, Cancel);

        await source.TokenFired.OrFail();
    }
}

public sealed class StreamClientByHandTestsInMemory(MemoryBroker broker) : StreamClientByHandTests(broker), IClassFixture<MemoryBroker>;

public sealed class StreamClientByHandTestsOnRabbitMq(SharedRabbit broker) : StreamClientByHandTests(broker);
