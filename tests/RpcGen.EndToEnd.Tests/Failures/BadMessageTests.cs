using System.Text.Json;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.Transport;

namespace RpcGen.EndToEnd.Tests.Failures;

/// <summary>Messages that break the protocol.</summary>
public abstract class BadMessageTests(ITestBroker broker) : FailureTest(broker)
{
    private int _handled;

    [Theory]
    [InlineData("{\"text\":\"x\"", "protocol")] // truncated
    [InlineData("", "protocol")]
    [InlineData("[\"x\"]", "protocol")]
    [InlineData("\"x\"", "protocol")]
    [InlineData("null", "protocol")]
    [InlineData("\0\u0001\u0002", "protocol")]
    [InlineData("{\"text\":\"x\"} trailing", "protocol")]
    [InlineData("{\"text\":\"x\",\"text\":\"y\"}", "protocol")] // twice
    [InlineData("{\"text\":{\"a\":1}}", "validation")] // wrong type
    [InlineData("{\"text\":null}", "validation")]
    [InlineData("{}", "validation")]
    [InlineData("{\"Text\":\"x\"}", "validation")] // names are exact
    public async Task A_body_that_is_not_a_request_is_refused(string body, string code)
    {
        await ServeEchoAsync();
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);

        await peer.SendAsync(Queue, body);

        Received reply = await peer.NextAsync();
        Assert.Equal((code, "1"), (reply.FaultCode, reply.CorrelationId));
        await AssertServingAsync(peer);
    }

    [Fact]
    public async Task A_body_nested_too_deeply_is_refused()
    {
        await ServeEchoAsync();
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);

        await peer.SendAsync(Queue, "{\"other\":" + new string('[', 100_000) + new string(']', 100_000) + ",\"text\":\"x\"}");

        Assert.Equal("protocol", (await peer.NextAsync()).FaultCode);
        await AssertServingAsync(peer);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused()
    {
        await ServeEchoAsync();
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);

        await peer.SendAsync(Queue, "{\"text\":\"" + new string('x', 15 * 1024 * 1024) + "\"}");

        Assert.Equal("too-large", (await peer.NextAsync()).FaultCode);
        await AssertServingAsync(peer);
    }

    [Theory]
    [InlineData("Nonsense", "unknown-method")]
    [InlineData("do", "unknown-method")]
    [InlineData(null, "unknown-method")]
    [InlineData("$nothing", "unsupported")]
    [InlineData("$", "unsupported")]
    public async Task An_unknown_method_is_refused(string? type, string code)
    {
        await ServeEchoAsync();
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);

        await peer.SendAsync(Queue, "{\"text\":\"x\"}", type);

        Assert.Equal(code, (await peer.NextAsync()).FaultCode);
        await AssertServingAsync(peer);
    }

    [Theory]
    [InlineData("application/xml", false)]
    [InlineData("application/jsonx", false)]
    [InlineData("application/json; charset=utf-8", true)]
    [InlineData("Application/JSON", true)]
    [InlineData("text/plain", true)]
    [InlineData(null, true)]
    public async Task Content_types_other_than_JSON_are_refused(string? contentType, bool isReadable)
    {
        await ServeEchoAsync();
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);

        await peer.SendAsync(Queue, "{\"text\":\"x\"}", contentType: contentType);

        Received reply = await peer.NextAsync();
        if (isReadable)
        {
            Assert.Equal((null, "\"x\""), (reply.Type, reply.Body));
        }
        else
        {
            Assert.Equal("protocol", reply.FaultCode);
        }
    }

    [Fact]
    public async Task Unknown_members_are_ignored()
    {
        await ServeEchoAsync();
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);

        await peer.SendAsync(Queue, "{\"new\":{\"text\":[1,{}]},\"text\":\"x\",\"text2\":null}", correlationId: null);

        Received reply = await peer.NextAsync();
        Assert.Equal((null, "\"x\"", null), (reply.Type, reply.Body, reply.CorrelationId));
    }

    [Fact]
    public async Task Requests_without_a_valid_reply_address_are_dropped()
    {
        await ServeEchoAsync();
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);
        string[] addresses = [Queue, "some.queue", "amq.gen-xyz"];

        await peer.SendAsync(Queue, "{\"text\":\"x\"}", replyTo: null);
        foreach (string address in addresses)
        {
            await peer.SendAsync(Queue, "{\"text\":\"x\"}", replyTo: address);
        }

        await AssertServingAsync(peer);
        await UntilQueueIsEmptyAsync();
        Assert.Equal(1, _handled);
        Assert.Equal(addresses.Length + 1, Log.Count(41));
    }

    [Fact]
    public async Task Requests_long_after_their_deadline_are_dropped()
    {
        await ServeEchoAsync();
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);

        await peer.SendAsync(Queue, "{\"text\":\"x\"}", timestamp: DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 60, expiration: 50_000);
        await peer.SendAsync(Queue, "{\"text\":\"y\"}", timestamp: DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 60, expiration: 70_000);

        Assert.Equal("\"y\"", (await peer.NextAsync()).Body);
        await UntilQueueIsEmptyAsync();
        Assert.Equal(1, _handled);
    }

    [Fact]
    public async Task Valid_calls_are_answered_among_ten_thousand_bad_messages()
    {
        await ServeEchoAsync();
        ITroublemaker client = await CreateClientAsync();
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);

        Task bad = Task.Run(async () =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                await SendBadAsync(peer, i);
            }
        }, Cancel);
        string[] answers = await Task.WhenAll(Enumerable.Range(0, 2_000).Select(i => client.With(timeout: TimeSpan.FromMinutes(2)).DoAsync($"{i}", Cancel))).OrFail();
        await bad;

        Assert.Equal(Enumerable.Range(0, 2_000).Select(i => $"{i}"), answers);
        await Wait.UntilAsync(() => peer.ReceivedCount == 7_500, "every bad message with an address was answered");
        await UntilQueueIsEmptyAsync();
        Assert.Equal(2_000, _handled);
    }

    [Fact]
    public async Task A_fault_is_never_much_larger_than_its_request()
    {
        await ServeEchoAsync();
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);
        await (await ConnectAsync()).ServeAsync<IWarehouse>(new Warehouse(), new RpcServerOptions { Queue = Queue + ".w" }, Cancel);
        string nulls = string.Join(',', Enumerable.Repeat("null", 400_000));

        await peer.SendAsync(Queue + ".w", $$$"""{"shelf":1,"code":"a","shipment":{"customer":"Ada","lines":[{{{nulls}}}]}}""", type: "Place");

        Received reply = await peer.NextAsync();
        Assert.Equal("validation", reply.FaultCode);
        Assert.InRange(reply.Body.Length, 1, 100_000);
        await Broker.DeleteQueueAsync(Queue + ".w");
    }

    [Theory]
    [InlineData("{\"detail\":\"\\ud800\"}")]
    [InlineData("{\"type\":\"\\ud800\"}")]
    [InlineData("{\"\\ud800\":1}")]
    [InlineData("{\"type\":\"urn:rpcgen:fault:validation\",\"errors\":{\"\\ud800\":[\"\\ud800\"]}}")]
    public async Task A_fault_with_invalid_Unicode_fails_its_call(string fault)
    {
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        ITroublemaker client = await CreateClientAsync();
        Task<string> call = client.With(timeout: Timeout.InfiniteTimeSpan).DoAsync("x", Cancel);

        await ReplyAsync(server, await server.NextAsync(), fault, "fault");

        await Assert.ThrowsAnyAsync<RpcException>(() => call.OrFail());
    }

    [Fact]
    public async Task A_request_with_invalid_Unicode_is_refused()
    {
        await ServeEchoAsync();
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);

        await peer.SendAsync(Queue, "{\"\\ud800\":1}");
        Assert.Equal("protocol", (await peer.NextAsync()).FaultCode);
        await peer.SendAsync(Queue, "{\"text\":\"\\ud800\"}");
        Assert.Equal("validation", (await peer.NextAsync()).FaultCode);
    }

    [Fact]
    public async Task Replies_that_no_call_waits_for_are_dropped()
    {
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        ITroublemaker client = await CreateClientAsync();
        Task<string> call = client.DoAsync("x", Cancel);
        Received request = await server.NextAsync();

        await ReplyAsync(server, request with { CorrelationId = "0123456789abcdef" }, "\"unknown\"");
        await ReplyAsync(server, request with { CorrelationId = "no number" }, "\"no number\"");
        await ReplyAsync(server, request with { CorrelationId = null }, "\"nothing\"");
        await ReplyAsync(server, request, "\"right\"");
        await ReplyAsync(server, request, "\"duplicate\"");

        Assert.Equal("right", await call.OrFail());
        Task<string> next = client.DoAsync("y", Cancel);
        await ReplyAsync(server, await server.NextAsync(), "\"next\"");
        Assert.Equal("next", await next.OrFail());
        Assert.Equal(4, Log.Count(20));
    }

    [Theory]
    [InlineData("{", null)]
    [InlineData("", null)]
    [InlineData("42", null)]
    [InlineData("\"x\"", "item")]
    [InlineData("{", "fault")]
    [InlineData("[]", "fault")]
    public async Task An_unreadable_reply_fails_only_its_call(string body, string? type)
    {
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        ITroublemaker client = await CreateClientAsync();
        Task<string> broken = client.DoAsync("x", Cancel);
        Received first = await server.NextAsync();
        Task<string> fine = client.DoAsync("y", Cancel);
        Received second = await server.NextAsync();

        await ReplyAsync(server, first, body, type);
        await ReplyAsync(server, second, "\"fine\"");

        await Assert.ThrowsAsync<RpcProtocolException>(() => broken.OrFail());
        Assert.Equal("fine", await fine.OrFail());
    }

    [Fact]
    public async Task A_type_named_by_a_fault_is_never_created()
    {
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        ITroublemaker client = await CreateClientAsync();
        Task<string> call = client.DoWithQuotaAsync("x", Cancel);
        string body = JsonSerializer.Serialize(new { type = "urn:rpcgen:fault:System.OutOfMemoryException", detail = "d", exception = "System.OutOfMemoryException" });

        await ReplyAsync(server, await server.NextAsync(), body, "fault");

        Assert.Equal("System.OutOfMemoryException", (await Assert.ThrowsAsync<RpcRemoteException>(() => call.OrFail())).Code);
    }

    [Fact]
    public async Task Requests_follow_the_protocol()
    {
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        RpcConnection connection = await ConnectAsync(new RpcConnectionOptions { Batching = false });
        Task<string> call = connection.CreateClient<ITroublemaker>(ClientOptions).DoAsync("ä\"b", Cancel);

        Received request = await server.NextAsync();
        await ReplyAsync(server, request, "null");

        Assert.Null(await call.OrFail());
        Assert.Equal(("Do", "application/json", "{\"text\":\"ä\\\"b\"}"), (request.Type, request.ContentType, request.Body));
        Assert.Matches("^rpc[.]cb[.][0-9a-f]{16}$", request.ReplyTo);
        Assert.Matches("^[0-9a-f]{16}$", request.CorrelationId);
        Assert.InRange(int.Parse(request.Expiration!, System.Globalization.CultureInfo.InvariantCulture), 25_000, 30_000);
        Assert.InRange(request.Timestamp, DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 60, DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 1);
    }

    private ValueTask SendBadAsync(RawPeer peer, int i) => (i % 8) switch
    {
        0 => peer.SendAsync(Queue, "{\"text\":"),
        1 => peer.SendAsync(Queue, "{\"text\":\"x\"}", type: "Nonsense"),
        2 => peer.SendAsync(Queue, "{\"text\":\"x\"}", replyTo: null),
        3 => peer.SendAsync(Queue, "{\"text\":\"x\"}", replyTo: Queue),
        4 => peer.SendAsync(Queue, "{\"text\":[[[]]]}", correlationId: new string('i', 255)),
        5 => peer.SendAsync(Queue, "<text/>", contentType: "text/xml"),
        6 => peer.SendAsync(Queue, "{\"text\":\"x\"}", type: "$batch", headers: new Dictionary<string, object?> { ["x"] = 1 }),
        _ => peer.SendAsync(Queue, "\u0000", type: null, correlationId: null, contentType: null),
    };

    private static ValueTask ReplyAsync(RawPeer server, Received request, string body, string? type = null) =>
        server.SendAsync(request.ReplyTo!, body, type, request.CorrelationId, replyTo: null, contentType: type == "fault" ? "application/problem+json" : "application/json");

    private Task<RpcServer> ServeEchoAsync() => ServeAsync((text, _) =>
    {
        Interlocked.Increment(ref _handled);
        return Task.FromResult(text);
    });

    private async Task AssertServingAsync(RawPeer peer)
    {
        await peer.SendAsync(Queue, "{\"text\":\"still here\"}", correlationId: "2");
        Received reply = await peer.NextAsync();
        Assert.Equal((null, "2", "\"still here\""), (reply.Type, reply.CorrelationId, reply.Body));
    }
}

public sealed class BadMessageTestsInMemory(MemoryBroker broker) : BadMessageTests(broker), IClassFixture<MemoryBroker>;

public sealed class BadMessageTestsOnRabbitMq(SharedRabbit broker) : BadMessageTests(broker);
