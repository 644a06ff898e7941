using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.Tests.Support;

namespace RpcGen.EndToEnd.Tests.Batching;

/// <summary>How a server handles batches of a hand-written client.</summary>
public abstract class BatchReplyTests(ITestBroker broker) : BatchingTest(broker)
{
    [Fact]
    public async Task Every_call_of_a_batch_has_an_outcome_of_its_own()
    {
        await ServeQuicklyAsync((text, _) => text switch
        {
            "quota" => throw new QuotaExceededException("No.", 3, []),
            "broken" => throw new InvalidOperationException("secret"),
            "null" => Task.FromResult<string>(null!),
            _ => Task.FromResult(text + "!"),
        });
        await using RawPeer client = await RawPeer.ConnectAsync(Broker);

        await SendBatchAsync(
            client,
            """["1","Do",30000,{"text":"a"}]""",
            """["2","DoWithQuota",30000,{"text":"quota"}]""",
            """["3","Do",30000,{"text":"broken"}]""",
            """["4","Do",30000,{}]""",
            """["5","Nope",30000,{}]""",
            """["6","$ping",30000,{}]""",
            """["7","$batch",30000,[]]""",
            """["8","Do",30000,{"text":"null"},"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",{"later":[1]}]""",
            """["9\u0020","\u0044o",30000,{"text":"b"}]""",
            """["10","Do",0,{"text":"too late"}]""",
            """["11","Do",30000,"no object"]""",
            """["12",null,30000,{}]""",
            """["0123456789ABCDEF","DoOnce",30000,{"text":"c"}]""");

        Dictionary<string, JsonArray> replies = await RepliesAsync(client, count: 12);
        Assert.Equal("[\"1\",\"a!\"]", replies["1"].ToJsonString());
        Assert.Equal("quota", Code(replies["2"]));
        Assert.Equal(3, replies["2"][1]!["data"]!["limit"]!.GetValue<int>());
        Assert.Equal("internal", Code(replies["3"]));
        Assert.Equal("validation", Code(replies["4"]));
        Assert.Equal("unknown-method", Code(replies["5"]));
        Assert.Equal("unsupported", Code(replies["6"]));
        Assert.Equal("unsupported", Code(replies["7"]));
        Assert.Equal("[\"8\",null]", replies["8"].ToJsonString());
        Assert.Equal("b!", replies["9 "][1]!.GetValue<string>());
        Assert.False(replies.ContainsKey("10"));
        Assert.Equal("protocol", Code(replies["11"]));
        Assert.Equal("unknown-method", Code(replies["12"]));
        Assert.Equal("c!", replies["0123456789ABCDEF"][1]!.GetValue<string>());
        await UntilQueueIsEmptyAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("[[]]")]
    [InlineData("[\"1\"]")]
    [InlineData("[[\"1\",\"Do\"]]")]
    [InlineData("[\"1\",13,\"Do\",30000]\n{\"text\":\"x\"}\n")]
    [InlineData("[\"1\",12,\"Do\",30000]\n{\"text\":\"x\"}")]
    [InlineData("[[\"1\",\"Do\",-1,{\"text\":\"x\"}]]")]
    [InlineData("[[\"1\",\"Do\",1.5,{\"text\":\"x\"}]]")]
    [InlineData("[[1,\"Do\",30000,{\"text\":\"x\"}]]")]
    [InlineData("[[\"1\",\"Do\",30000,{\"text\":\"x\"}],[\"2\"]]")]
    [InlineData("[[\"1\",\"Do\",30000,{\"text\":\"x\"}]")]
    [InlineData("[[\"1\",\"Do\",30000,{\"text\":\"x\"}]] more")]
    [InlineData("[[\"1\",\"\\ud800\",30000,{\"text\":\"x\"}]]")]
    public async Task An_unreadable_batch_is_refused_as_a_whole_and_nothing_runs(string body)
    {
        int runs = 0;
        await ServeQuicklyAsync((text, _) => Task.FromResult($"{Interlocked.Increment(ref runs)}"));
        await using RawPeer client = await RawPeer.ConnectAsync(Broker);

        await client.SendAsync(Queue, body, type: "$batch", correlationId: "the batch");

        Received reply = await client.NextAsync();
        Assert.Equal(("protocol", "the batch"), (reply.FaultCode, reply.CorrelationId));
        Assert.Equal(0, runs);
        await UntilQueueIsEmptyAsync();
    }

    [Fact]
    public async Task A_batch_of_too_many_calls_is_refused()
    {
        await ServeQuicklyAsync((text, _) => Task.FromResult(text));
        await using RawPeer client = await RawPeer.ConnectAsync(Broker);

        await SendBatchAsync(client, [.. Enumerable.Range(0, 5000).Select(i => $$"""["{{i}}","Do",30000,{"text":"x"}]""")]);

        Assert.Equal("protocol", (await client.NextAsync()).FaultCode);
    }

    [Fact]
    public async Task No_reply_waits_for_a_slower_call_of_the_batch()
    {
        using var release = new ManualResetEventSlim();
        var held = new Held();
        await ServeQuicklyAsync(async (text, token) =>
        {
            if (text == "blocks")
            {
                release.Wait(token); // a handler that blocks its thread
            }

            return text == "awaits" ? await held.ActAsync(text, token) : text;
        });
        await using RawPeer client = await RawPeer.ConnectAsync(Broker);

        await SendBatchAsync(client, [.. Enumerable.Range(0, 20).Select(i =>
            $$"""["{{i}}","Do",30000,{"text":"{{(i is 3 or 7 or 19 ? "blocks" : i is 4 ? "awaits" : "quick")}}"}]""")]);

        Dictionary<string, JsonArray> quick = await RepliesAsync(client, count: 16);
        Assert.All(quick.Values, reply => Assert.Equal("quick", reply[1]!.GetValue<string>()));
        await client.SendAsync(Queue, "{\"text\":\"next\"}", correlationId: "next");
        Assert.Equal(("next", "\"next\""), await NextAsync(client));
        release.Set();
        held.Release();
        Assert.Equal(["blocks", "blocks", "blocks", "released"], (await RepliesAsync(client, count: 4)).Values.Select(reply => reply[1]!.GetValue<string>()).Order());
    }

    [Fact]
    public async Task The_reply_tells_how_long_a_slow_handler_took()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UtcNow);
        RpcConnection connection = await ConnectAsync(new RpcConnectionOptions { TimeProvider = clock });
        await connection.ServeAsync<ITroublemaker>(
            new Troublemaker((text, _) =>
            {
                clock.Advance(TimeSpan.FromMilliseconds(text == "slow" ? 12 : 0));
                return text == "fault" ? throw new InvalidOperationException() : Task.FromResult(text);
            }),
            ServerOptions,
            Cancel);
        await using RawPeer client = await RawPeer.ConnectAsync(Broker);

        await client.SendAsync(Queue, "{\"text\":\"quick\"}", contentType: Asking);
        Assert.Equal("application/json;batch=1", (await client.NextAsync()).ContentType);
        await client.SendAsync(Queue, "{\"text\":\"slow\"}", contentType: Asking);
        Assert.Equal("application/json;batch=0", (await client.NextAsync()).ContentType);
        await client.SendAsync(Queue, "{\"text\":\"fault\"}", contentType: Asking);
        Assert.Equal("application/problem+json;batch=1", (await client.NextAsync()).ContentType);
        await client.SendAsync(Queue, "{\"text\":\"quick\"}");
        Assert.Equal("application/json", (await client.NextAsync()).ContentType);
        await SendBatchAsync(client, """["1","Do",30000,{"text":"slow"}]""");
        Assert.Equal("[\"1\",\"slow\",null,12]", (await RepliesAsync(client, count: 1))["1"].ToJsonString());
    }

    [Fact]
    public async Task A_batch_runs_at_most_MaxConcurrentCalls_at_a_time()
    {
        int running = 0;
        int most = 0;
        var ends = new ConcurrentQueue<TaskCompletionSource<string>>();
        await ServeQuicklyAsync(
            async (_, token) =>
            {
                int now = Interlocked.Increment(ref running);
                InterlockedMax(ref most, now);
                var end = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
                ends.Enqueue(end);
                string result = await end.Task.WaitAsync(token);
                Interlocked.Decrement(ref running);
                return result;
            },
            new RpcServerOptions { MaxConcurrentCalls = 3 });
        await using RawPeer client = await RawPeer.ConnectAsync(Broker);

        await SendBatchAsync(client, Calls(20));
        for (int ended = 0; ended < 20; ended++)
        {
            TaskCompletionSource<string>? end = null;
            await Wait.UntilAsync(() => ends.TryDequeue(out end), "another call runs");
            end!.SetResult("x");
        }

        Assert.Equal(20, (await RepliesAsync(client, count: 20)).Count);
        Assert.Equal(3, most);
    }

    [Fact]
    public async Task A_server_that_stops_finishes_the_batch_that_it_has_taken()
    {
        var held = new Held();
        RpcServer server = await ServeQuicklyAsync(held.ActAsync, new RpcServerOptions { MaxConcurrentCalls = 2, GracePeriod = TimeSpan.FromMinutes(1) });
        await using RawPeer client = await RawPeer.ConnectAsync(Broker);
        await SendBatchAsync(client, Calls(10));
        await held.Started.OrFail();

        Task stopping = server.StopAsync(Cancel);
        await Wait.UntilAsync(async () => (await QueueStateAsync()).Consumers == 0, "the server takes no more");
        held.Release();

        Assert.Equal(10, (await RepliesAsync(client, count: 10)).Count);
        await stopping.OrFail();
        Assert.Equal(10, held.Runs);
        await UntilQueueIsEmptyAsync();
    }

    [Fact]
    public async Task Cancelling_one_call_of_a_batch_does_not_affect_the_others()
    {
        var given = new Held();
        var kept = new Held();
        await ServeQuicklyAsync((text, token) => (text == "given up" ? given : kept).ActAsync(text, token));
        await using RawPeer client = await RawPeer.ConnectAsync(Broker);
        await SendBatchAsync(client, """["1","Do",30000,{"text":"given up"}]""", """["2","Do",30000,{"text":"kept"}]""");
        await given.Started.OrFail();
        await kept.Started.OrFail();

        await client.Channel.PublishAsync(
            new Transport.OutgoingMessage
            {
                Exchange = Queue + ".cancel",
                RoutingKey = "",
                CorrelationId = new Transport.CorrelationId("1"),
                ReplyTo = client.Queue,
                Expiration = 30_000,
            },
            Cancel);
        await given.TokenFired.OrFail();
        kept.Release();

        Assert.Equal("released", Assert.Single(await RepliesAsync(client, count: 1)).Value[1]!.GetValue<string>());
        Assert.False(kept.TokenFired.IsCompleted);
        await UntilQueueIsEmptyAsync();
    }

    [Fact]
    public async Task Large_replies_are_not_batched()
    {
        await ServeQuicklyAsync((text, _) => Task.FromResult(text));
        await using RawPeer client = await RawPeer.ConnectAsync(Broker);

        await SendBatchAsync(client, """["1","GetBytes",30000,{"count":100000}]""", """["2","Do",30000,{"text":"small"}]""");

        var types = new Dictionary<string, int>();
        for (int i = 0; i < 2; i++)
        {
            Received reply = await client.NextAsync();
            types[reply.Type ?? ""] = reply.Body.Length;
        }

        Assert.InRange(types[""], 133_000, 134_000);
        Assert.InRange(types["$batch"], 10, 30);
    }

    private static string[] Calls(int count) => [.. Enumerable.Range(0, count).Select(i => $$"""["{{i}}","Do",30000,{"text":"x"}]""")];

    private static string Code(JsonArray reply)
    {
        Assert.Equal("fault", reply[2]!.GetValue<string>());
        return reply[1]!["type"]!.GetValue<string>()["urn:rpcgen:fault:".Length..];
    }

    private static void InterlockedMax(ref int target, int value)
    {
        int seen = Volatile.Read(ref target);
        while (value > seen && Interlocked.CompareExchange(ref target, value, seen) is var now && now != seen)
        {
            seen = now;
        }
    }

    private ValueTask SendBatchAsync(RawPeer client, params string[] calls) =>
        client.SendAsync(Queue, $"[{string.Join(',', calls)}]", type: "$batch", correlationId: "the batch", expiration: 30_000);

    /// <summary>The id and body of an unbatched reply.</summary>
    private static async Task<(string? Id, string Body)> NextAsync(RawPeer client)
    {
        Received reply = await client.NextAsync();
        return (reply.CorrelationId, reply.Body);
    }

    /// <summary>Collects entries from several messages, until there are enough.</summary>
    private static async Task<Dictionary<string, JsonArray>> RepliesAsync(RawPeer client, int count)
    {
        var replies = new Dictionary<string, JsonArray>();
        while (replies.Count < count)
        {
            Received reply = await client.NextAsync();
            Assert.Equal(("$batch", BatchText.ContentType, "the batch"), (reply.Type, reply.ContentType, reply.CorrelationId));
            foreach (JsonNode? entry in JsonNode.Parse(reply.Body)!.AsArray())
            {
                replies.Add(entry![0]!.GetValue<string>(), entry.AsArray());
            }
        }

        return replies;
    }
}

public sealed class BatchReplyTestsInMemory(MemoryBroker broker) : BatchReplyTests(broker), IClassFixture<MemoryBroker>;

public sealed class BatchReplyTestsOnRabbitMq(SharedRabbit broker) : BatchReplyTests(broker);
