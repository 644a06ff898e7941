using System.Buffers.Binary;
using System.Text;
using RabbitMQ.Client;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Failures;

/// <summary>Headers that only a foreign client library, or an attacker, sends. On the real broker alone: they never reach the one in memory.</summary>
public sealed class HostileHeaderTests(SharedRabbit broker) : FailureTest(broker)
{
    [Fact]
    public async Task Headers_of_every_field_type_do_no_harm()
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
    public async Task A_message_that_breaks_the_decoder_is_taken_out_and_good_ones_are_answered()
    {
        await (await ServeAsync((text, _) => Task.FromResult(text))).StopAsync(); // the queue is there, and nobody serves
        ITroublemaker client = await CreateClientAsync(ClientOptions with { Timeout = TimeSpan.FromMinutes(2) });
        Task<string>[] before = [.. Enumerable.Range(0, 10).Select(i => client.DoAsync($"before {i}", Cancel))];
        await Wait.UntilAsync(async () => (await QueueStateAsync()).Ready == 10, "the first requests wait");
        await PublishAsync(new UndecodableProperties());
        await PublishAsync(new UndecodableProperties());
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
    public async Task A_broken_reply_costs_no_more_than_a_connection()
    {
        await ServeAsync((text, _) => Task.FromResult(text));
        ITroublemaker client = await CreateClientAsync(ClientOptions with { Timeout = TimeSpan.FromMinutes(2) });
        string callbackQueue = "";
        await using (RawPeer spy = await RawPeer.ConnectAsync(Broker, serves: Queue + ".spy"))
        {
            ITroublemaker spied = (await ConnectAsync()).CreateClient<ITroublemaker>(new RpcClientOptions { Queue = Queue + ".spy" });
            Task<string> call = spied.DoAsync("x", Cancel);
            callbackQueue = (await spy.NextAsync()).ReplyTo!;
            await PublishAsync(new UndecodableProperties(), callbackQueue);
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

    /// <summary>Properties with one header, a decimal of scale 30: legal in AMQP 0-9-1, and more than the client library can decode.</summary>
    private readonly struct UndecodableProperties : IReadOnlyBasicProperties, IAmqpHeader
    {
        private static readonly byte[] Encoded = Encode();

        public ushort ProtocolClassId => 60;

        public string? AppId => null;

        public string? ClusterId => null;

        public string? ContentEncoding => null;

        public string? ContentType => null;

        public string? CorrelationId => null;

        public DeliveryModes DeliveryMode => DeliveryModes.Transient;

        public string? Expiration => null;

        public IDictionary<string, object?>? Headers => null;

        public string? MessageId => null;

        public bool Persistent => false;

        public byte Priority => 0;

        public string? ReplyTo => null;

        public PublicationAddress? ReplyToAddress => null;

        public AmqpTimestamp Timestamp => default;

        public string? Type => null;

        public string? UserId => null;

        public bool IsAppIdPresent() => false;

        public bool IsClusterIdPresent() => false;

        public bool IsContentEncodingPresent() => false;

        public bool IsContentTypePresent() => false;

        public bool IsCorrelationIdPresent() => false;

        public bool IsDeliveryModePresent() => false;

        public bool IsExpirationPresent() => false;

        public bool IsHeadersPresent() => false;

        public bool IsMessageIdPresent() => false;

        public bool IsPriorityPresent() => false;

        public bool IsReplyToPresent() => false;

        public bool IsTimestampPresent() => false;

        public bool IsTypePresent() => false;

        public bool IsUserIdPresent() => false;

        public int GetRequiredBufferSize() => Encoded.Length;

        public int WriteTo(Span<byte> span)
        {
            Encoded.CopyTo(span);
            return Encoded.Length;
        }

        private static byte[] Encode()
        {
            byte[] field = [1, .. Encoding.ASCII.GetBytes("d"), (byte)'D', 30, 0, 0, 0, 1];
            byte[] encoded = new byte[2 + 4 + field.Length];
            BinaryPrimitives.WriteUInt16BigEndian(encoded, 1 << 13); // headers
            BinaryPrimitives.WriteInt32BigEndian(encoded.AsSpan(2), field.Length);
            field.CopyTo(encoded, 6);
            return encoded;
        }
    }
}
