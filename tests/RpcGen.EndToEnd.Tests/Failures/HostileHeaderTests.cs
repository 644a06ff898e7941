using RabbitMQ.Client;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.EndToEnd.Tests.Transports;

namespace RpcGen.EndToEnd.Tests.Failures;

/// <summary>Headers that only other client libraries or attackers send. Only on RabbitMQ, because the in-memory transport has no decoder.</summary>
public sealed class HostileHeaderTests(SharedRabbit broker) : FailureTest(broker)
{
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

    [Fact]
    public async Task An_undecodable_message_is_removed_and_valid_ones_are_answered()
    {
        await (await ServeAsync((text, _) => Task.FromResult(text))).StopAsync(Cancel); // the queue is there, and nobody serves
        ITroublemaker client = await CreateClientAsync(new RpcClientOptions(ClientOptions) { Timeout = TimeSpan.FromMinutes(2) });
        Task<string>[] before = [.. Enumerable.Range(0, 10).Select(i => client.DoAsync($"before {i}", Cancel))];
        await Wait.UntilAsync(async () => (await QueueStateAsync()).Ready == 10, "the first requests wait");
        await PublishAsync(RawProperties.DecimalOfScale30);
        await PublishAsync(RawProperties.DecimalOfScale30);
        await Wait.UntilAsync(async () => (await QueueStateAsync()).Ready == 12, "the broken messages wait");
        Task<string>[] after = [.. Enumerable.Range(0, 200).Select(i => client.DoAsync($"after {i}", Cancel))];
        await Wait.UntilAsync(async () => (await QueueStateAsync()).Ready == 212, "the last requests wait");

        await ServeAsync((text, _) => Task.FromResult(text));

        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"before {i}"), await Task.WhenAll(before).OrFail());
        Assert.Equal(Enumerable.Range(0, 200).Select(i => $"after {i}"), await Task.WhenAll(after).OrFail());
        await UntilQueueIsEmptyAsync();
        Assert.NotEqual(0, Log.Count(4));
    }

    [Fact]
    public async Task Slow_valid_calls_among_undecodable_messages_are_answered()
    {
        await (await ServeAsync((text, _) => Task.FromResult(text))).StopAsync(Cancel);
        ITroublemaker client = await CreateClientAsync(new RpcClientOptions(ClientOptions) { Timeout = TimeSpan.FromMinutes(2) });
        Task<string>[] before = [.. Enumerable.Range(0, 20).Select(i => client.DoAsync($"{i}", Cancel))];
        await Wait.UntilAsync(async () => (await QueueStateAsync()).Ready == 20, "the requests wait");
        await PublishAsync(RawProperties.DecimalOfScale30);

        await ServeAsync(async (text, _) =>
        {
            await Task.Delay(300, CancellationToken.None);
            return text;
        });

        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"{i}"), await Task.WhenAll(before).OrFail());
        await UntilQueueIsEmptyAsync();
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

    [Fact]
    public async Task An_undecodable_reply_costs_only_a_connection()
    {
        await ServeAsync((text, _) => Task.FromResult(text));
        ITroublemaker client = await CreateClientAsync(new RpcClientOptions(ClientOptions) { Timeout = TimeSpan.FromMinutes(2) });
        string callbackQueue = "";
        await using (RawPeer spy = await RawPeer.ConnectAsync(Broker, serves: Queue + ".spy"))
        {
            ITroublemaker spied = (await ConnectAsync()).CreateClient<ITroublemaker>(new RpcClientOptions { Queue = Queue + ".spy" });
            Task<string> call = spied.DoAsync("x", Cancel);
            callbackQueue = (await spy.NextAsync()).ReplyTo!;
            await PublishAsync(RawProperties.DecimalOfScale30, callbackQueue);
            await Assert.ThrowsAsync<RpcConnectionException>(() => call.OrFail());
            Task<string> next = spied.DoAsync("y", Cancel);
            Received request = await spy.NextAsync();
            await spy.SendAsync(request.ReplyTo!, "\"y\"", type: null, request.CorrelationId, replyTo: null);
            Assert.Equal("y", await next.OrFail());
        }

        await Broker.DeleteQueueAsync(Queue + ".spy");
        Assert.Equal("fine", await client.DoAsync("fine", Cancel).OrFail());
    }

    private async Task PublishAsync<T>(T properties, string? queue = null)
        where T : IReadOnlyBasicProperties, IAmqpHeader
    {
        await using IConnection connection = await new ConnectionFactory { Uri = new Uri(Broker.Url) }.CreateConnectionAsync(Cancel);
        await using IChannel channel = await connection.CreateChannelAsync(cancellationToken: Cancel);
        await channel.BasicPublishAsync("", queue ?? Queue, mandatory: false, properties, "{\"text\":\"x\"}"u8.ToArray(), Cancel);
    }
}
