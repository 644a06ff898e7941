using System.Text;
using RabbitMQ.Client;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.EndToEnd.Tests.Transports;

namespace RpcGen.EndToEnd.Tests.Failures;

/// <summary>Headers that only other client libraries or attackers send. Only on RabbitMQ, because the in-memory transport has no decoder.</summary>
public sealed class HostileHeaderTests(SharedRabbit broker) : FailureTest(broker)
{
    private const string Decimal = "a decimal of scale 30";
    private const string Nesting = "arrays nested 26,000 levels deep";
    private const int ConnectionLost = 1;

    [Fact]
    public async Task Headers_of_every_field_type_are_tolerated()
    {
        await ServeAsync((text, _) => Task.FromResult(text));
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);
        var headers = new Dictionary<string, object?>
        {
            ["null"] = null, ["bool"] = true, ["byte"] = (byte)1, ["sbyte"] = (sbyte)-1, ["short"] = (short)-2, ["ushort"] = (ushort)2,
            ["int"] = 3, ["uint"] = 3u, ["long"] = 4L, ["float"] = 1.5f, ["double"] = 2.5, ["decimal"] = 1.25m, ["text"] = "text",
            ["bytes"] = new byte[] { 0, 255 }, ["binary"] = new BinaryTableValue([1, 2]), ["time"] = new AmqpTimestamp(long.MaxValue),
            ["list"] = new List<object?> { 1, "two", null }, ["table"] = new Dictionary<string, object?> { ["inner"] = "x" },
        };

        foreach ((string name, object? value) in headers)
        {
            await PublishAsync(new BasicProperties { Type = "Do", CorrelationId = name, ReplyTo = peer.Queue, Headers = new Dictionary<string, object?> { [name] = value } });
            Assert.Equal((name, "\"x\""), (await peer.NextAsync()) is var reply ? (reply.CorrelationId, reply.Body) : default);
        }
    }

    [Theory]
    [InlineData(Decimal)]
    [InlineData(Nesting)]
    public async Task A_request_with_unreadable_headers_is_refused_alone(string headers)
    {
        await ServeAsync((text, _) => Task.FromResult(text));
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);
        await using var others = new OtherCalls(await CreateClientAsync());

        await PublishAsync(RawProperties.Message(Headers(headers), "1", peer.Queue));

        Received reply = await peer.NextAsync();
        Assert.Equal(("1", "protocol"), (reply.CorrelationId, reply.FaultCode));
        await others.AreAnsweredAsync();
        await UntilQueueIsEmptyAsync();
        Assert.Equal(0, Log.Count(ConnectionLost));
    }

    [Theory]
    [InlineData(Decimal)]
    [InlineData(Nesting)]
    public async Task A_request_with_unreadable_headers_and_without_reply_address_is_rejected_and_logged(string headers)
    {
        int runs = 0;
        await ServeAsync((text, _) =>
        {
            runs += text == "x" ? 1 : 0; // the text of the hostile request
            return Task.FromResult(text);
        });
        await using var others = new OtherCalls(await CreateClientAsync());

        await PublishAsync(RawProperties.Message(Headers(headers), "1", replyTo: ""));

        await Wait.UntilAsync(() => Log.Lines.Any(line => line.Contains("unreadable headers", StringComparison.Ordinal)), "the request is logged");
        await others.AreAnsweredAsync();
        await UntilQueueIsEmptyAsync();
        Assert.Equal(0, runs);
        Assert.Equal(0, Log.Count(ConnectionLost));
    }

    [Theory]
    [InlineData(Decimal)]
    [InlineData(Nesting)]
    public async Task A_reply_with_unreadable_headers_fails_its_call_alone(string headers)
    {
        await ServeAsync((text, _) => Task.FromResult(text));
        await using RawPeer rogue = await RawPeer.ConnectAsync(Broker, serves: Queue + ".rogue");
        RpcConnection connection = await ConnectAsync();
        ITroublemaker victim = connection.CreateClient<ITroublemaker>(new RpcClientOptions { Queue = Queue + ".rogue" });
        await using var others = new OtherCalls(connection.CreateClient<ITroublemaker>(ClientOptions));
        Task<string> call = victim.DoAsync("x", Cancel);
        Received request = await rogue.NextAsync();

        await PublishAsync(RawProperties.Message(Headers(headers), request.CorrelationId!, replyTo: "", type: ""), request.ReplyTo, body: "\"x\"");

        await Assert.ThrowsAsync<RpcProtocolException>(() => call.OrFail());
        await others.AreAnsweredAsync();
        Assert.Equal(0, Log.Count(ConnectionLost));
        await Broker.DeleteQueueAsync(Queue + ".rogue");
    }

    [Theory]
    [InlineData(Decimal)]
    [InlineData(Nesting)]
    public async Task A_cancel_with_unreadable_headers_is_ignored(string headers)
    {
        var held = new Held();
        await ServeAsync((text, token) => text == "held" ? held.ActAsync(text, token) : Task.FromResult(text));
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);
        await using var others = new OtherCalls(await CreateClientAsync());
        await peer.SendAsync(Queue, """{"text":"held"}""", correlationId: "held");
        await held.Started.OrFail();

        await PublishAsync(RawProperties.Message(Headers(headers), "held", peer.Queue, type: ""), routingKey: "", exchange: Queue + ".cancel");
        await peer.AskInstancesAsync(Queue, "$ping");

        Assert.Equal("1", (await peer.NextAsync()).CorrelationId); // the cancel came before the question, and the consumer of both works
        await others.AreAnsweredAsync();
        held.Release();
        Received reply = await peer.NextAsync();
        Assert.Equal(("held", "\"released\""), (reply.CorrelationId, reply.Body));
        Assert.False(held.TokenFired.IsCompleted);
        Assert.Equal(0, Log.Count(ConnectionLost));
    }

    [Fact]
    public async Task Correlation_ids_that_cannot_be_echoed_do_not_reduce_concurrency()
    {
        await ServeAsync((text, _) => Task.FromResult(text), new RpcServerOptions(ServerOptions) { MaxConcurrentCalls = 2 });
        ITroublemaker client = await CreateClientAsync();

        for (int i = 0; i < 10; i++)
        {
            await PublishAsync(RawProperties.UnreadableId);
        }

        Assert.Equal("fine", await client.DoAsync("fine", Cancel).OrFail());
        await UntilQueueIsEmptyAsync();
    }

    private static byte[] Headers(string kind) => kind == Decimal ? RawProperties.DecimalOfScale30 : RawProperties.DeeplyNested;

    private async Task PublishAsync<T>(T properties, string? routingKey = null, string exchange = "", string body = "{\"text\":\"x\"}")
        where T : IReadOnlyBasicProperties, IAmqpHeader
    {
        await using IConnection connection = await new ConnectionFactory { Uri = new Uri(Broker.Url) }.CreateConnectionAsync(Cancel);
        await using IChannel channel = await connection.CreateChannelAsync(cancellationToken: Cancel);
        await channel.BasicPublishAsync(exchange, routingKey ?? Queue, mandatory: false, properties, Encoding.UTF8.GetBytes(body), Cancel);
    }

    /// <summary>Calls that go on all the time and must be answered.</summary>
    private sealed class OtherCalls : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _calling;
        private int _answered;

        public OtherCalls(ITroublemaker client) => _calling = CallAsync(client);

        /// <summary>Waits for more answers.</summary>
        public async Task AreAnsweredAsync()
        {
            int before = Volatile.Read(ref _answered);
            await Wait.UntilAsync(() => _calling.IsFaulted || Volatile.Read(ref _answered) >= before + 10, "other calls are answered");
            await _stop.CancelAsync();
            await _calling.OrFail();
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            _stop.Dispose();
        }

        private async Task CallAsync(ITroublemaker client)
        {
            while (!_stop.IsCancellationRequested)
            {
                string text = $"call {_answered}";
                Assert.Equal(text, await client.DoAsync(text, CancellationToken.None));
                Interlocked.Increment(ref _answered);
            }
        }
    }
}
