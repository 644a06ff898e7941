using System.Text.Json.Nodes;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.LongCalls;

/// <summary>Callers of long calls that are written by hand, and that vanish, fall silent, or do not take part.</summary>
public abstract class LongCallClientByHandTests(ITestBroker broker) : LongCallTest(broker)
{
    private readonly Held _held = new();

    [Fact]
    public async Task A_long_call_is_made_by_hand_with_one_queue()
    {
        await using RawPeer client = await CallAsync();
        Received open = await client.NextAsync();
        Assert.Equal(("open", "1"), (open.Type, open.CorrelationId));
        JsonNode body = JsonNode.Parse(open.Body)!;
        Assert.Equal(100, body["every"]!.GetValue<int>());
        Assert.Equal(1, (await QueueStateAsync()).Unacknowledged ?? 1);

        await WaitAsync(client, open, 1);
        Received running = await client.NextAsync();
        Assert.Equal(("running", open.ReplyTo), (running.Type, running.ReplyTo));
        Assert.Equal($$"""{"every":100,"instance":"{{body["instance"]}}","number":1,"calls":["1"],"unknown":[]}""", running.Body);
        await UntilQueueIsEmptyAsync();
        _held.Release();

        Received result = await ResultAsync(client, open);
        Assert.Equal((null, "\"released\"", "1"), (result.Type, result.Body, result.CorrelationId));
        await WaitAsync(client, open, 1_000, calls: "[]"); // the outcome has come
        await Wait.UntilAsync(() => Log.Count(66) == 1 && !_serving!.Streams.LongCalls.IsAny, "the outcome is not kept any more");
    }

    [Fact]
    public async Task A_caller_that_vanishes_before_it_knows_its_server_stops_the_handler()
    {
        RawPeer client = await RawPeer.ConnectAsync(Broker);
        string replyTo = $"rpc.cb.~{Guid.NewGuid():N}"[..20]; // a queue that does not exist
        await ServeAsync();
        await client.SendAsync(Queue, """{"text":"x"}""", "Run", "1", replyTo);

        await Wait.UntilAsync(() => Log.Count(67) == 1 && Log.Count(71) == 1, "the call was cancelled, and has ended");
        if (_held.Runs > 0) // the announcement can come back before the handler is called
        {
            await _held.TokenFired.OrFail();
        }

        await UntilQueueIsEmptyAsync();
        await client.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_caller_that_vanishes_or_falls_silent_stops_the_handler(bool vanishes)
    {
        await using RawPeer client = await CallAsync();
        Received open = await client.NextAsync();
        await WaitAsync(client, open, 1);
        await UntilTakenOverAsync(_held);

        if (vanishes)
        {
            await client.DisposeAsync();
        }

        await _held.TokenFired.OrFail();
        await Wait.UntilAsync(() => Log.Count(67) == 1, "the log says why");
        await UntilForgottenAsync(_serving!);
    }

    [Fact]
    public async Task A_caller_that_does_not_take_part_gets_its_reply_as_usual()
    {
        await using RawPeer client = await CallAsync();
        Assert.Equal("open", (await client.NextAsync()).Type);
        await Task.WhenAny(_held.TokenFired, Task.Delay(600, Cancel)); // six beats
        Assert.False(_held.TokenFired.IsCompleted);
        _held.Release();

        Received result = await client.NextAsync();
        Assert.Equal((null, "\"released\""), (result.Type, result.Body));
        await UntilQueueIsEmptyAsync();
        await UntilForgottenAsync(_serving!);
    }

    [Fact]
    public async Task A_caller_without_the_mark_hears_nothing_but_the_reply()
    {
        await ServeAsync();
        await using RawPeer client = await RawPeer.ConnectAsync(Broker);
        await client.SendAsync(Queue, """{"text":"x"}""", "Run");
        await _held.Started.OrFail();
        _held.Release();

        Received result = await client.NextAsync();
        Assert.Equal((null, "\"released\""), (result.Type, result.Body));
    }

    [Fact]
    public async Task An_outcome_is_sent_again_to_a_caller_that_has_connected_again()
    {
        await using RawPeer client = await CallAsync();
        Received open = await client.NextAsync();
        await WaitAsync(client, open, 1);
        await UntilTakenOverAsync(_held);
        await client.DisposeAsync();
        _held.Release();
        await Wait.UntilAsync(() => _serving!.Streams.LongCalls.Served.Count == 1, "the outcome is kept");

        await using RawPeer again = await RawPeer.ConnectAsync(Broker);
        await WaitAsync(again, open, 2, replyTo: client.Queue);

        Received result = await ResultAsync(again, open);
        Assert.Equal((null, "\"released\""), (result.Type, result.Body));
        await WaitAsync(again, open, 3, replyTo: client.Queue);
        await WaitAsync(again, open, 4, replyTo: client.Queue);
        Assert.Equal("\"released\"", (await ResultAsync(again, open)).Body); // it was lost, says the caller
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"instance":"me","number":1,"calls":[[]]}""")]
    [InlineData("""{"instance":"me","number":1,"calls":[["1","rpc.cb.other"]]}""")]
    [InlineData("""{"instance":"me","number":"1","calls":[]}""")]
    public async Task Strange_messages_change_nothing(string body)
    {
        await using RawPeer client = await CallAsync();
        Received open = await client.NextAsync();

        await client.SendAsync(open.ReplyTo!, body, "waiting", correlationId: null);
        await client.SendAsync(open.ReplyTo!, body, "running", correlationId: null);
        await WaitAsync(client, open, 2);

        await UntilTakenOverAsync(_held);
        _held.Release();
        Assert.Equal("\"released\"", (await ResultAsync(client, open)).Body);
    }

    [Fact]
    public async Task Another_process_cannot_take_a_call_over()
    {
        await using RawPeer client = await CallAsync();
        Received open = await client.NextAsync();
        await WaitAsync(client, open, 1);
        await UntilTakenOverAsync(_held);
        await using RawPeer other = await RawPeer.ConnectAsync(Broker);

        await other.SendAsync(open.ReplyTo!, $$"""{"every":60000,"instance":"other","number":9,"calls":[["1","{{client.Queue}}"]]}""", "waiting", correlationId: null);

        Received running = await other.NextAsync();
        Assert.Equal("running", running.Type);
        Assert.EndsWith("""
            "calls":[],"unknown":["1"]}
            """, running.Body, StringComparison.Ordinal);
        await WaitAsync(client, open, 2);
        _held.Release();
        Assert.Equal("\"released\"", (await ResultAsync(client, open)).Body);
    }

    private RpcConnection? _serving;

    private async Task ServeAsync() => (_, _serving) = await ServeErrandsAsync(_held.ActAsync);

    /// <summary>Serves, and calls by hand from a queue with the mark.</summary>
    private async Task<RawPeer> CallAsync()
    {
        await ServeAsync();
        RawPeer client = await RawPeer.ConnectAsync(Broker, mark: "~");
        await client.SendAsync(Queue, """{"text":"x"}""", "Run");
        return client;
    }

    /// <summary>Says that the caller waits for its call. It says it often enough only if it does so again.</summary>
    private static ValueTask WaitAsync(RawPeer client, Received open, long number, string? calls = null, string? replyTo = null) => client.SendAsync(
        open.ReplyTo!, $$"""{"every":500,"instance":"me","number":{{number}},"calls":{{calls ?? $"""[["1","{replyTo ?? client.Queue}"]]"""}}}""", "waiting", correlationId: null);

    /// <summary>Waits on until the outcome comes.</summary>
    private static async Task<Received> ResultAsync(RawPeer client, Received open)
    {
        while (true)
        {
            Received message = await client.NextAsync();
            if (message.Type != "running")
            {
                Assert.Equal(open.ReplyTo, message.ReplyTo);
                return message;
            }
        }
    }
}

public sealed class LongCallClientByHandTestsInMemory(MemoryBroker broker) : LongCallClientByHandTests(broker), IClassFixture<MemoryBroker>;

public sealed class LongCallClientByHandTestsOnRabbitMq(SharedRabbit broker) : LongCallClientByHandTests(broker);
