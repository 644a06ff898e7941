using System.Collections.Concurrent;
using System.Text;
using RpcGen.Tests.Support;
using RpcGen.Transport;

namespace RpcGen.EndToEnd.Tests.Harness;

/// <summary>A hand-written peer, which sends and receives arbitrary messages.</summary>
internal sealed class RawPeer : ITransportConsumer, IAsyncDisposable
{
    private readonly ITransportConnection _connection;
    private readonly ConcurrentQueue<Received> _received = new();
    private readonly SemaphoreSlim _arrived = new(0);

    private RawPeer(ITransportConnection connection, ITransportChannel channel, string queue)
    {
        _connection = connection;
        Channel = channel;
        Queue = queue;
    }

    public ITransportChannel Channel { get; }

    /// <summary>The peer's own queue.</summary>
    public string Queue { get; }

    public int ReceivedCount => _received.Count;

    /// <summary>Connects, and consumes its own queue or, with <paramref name="serves"/>, a request queue. The name of its own queue can have a mark.</summary>
    public static async Task<RawPeer> ConnectAsync(ITestBroker broker, string? serves = null, string mark = "")
    {
        ITransport transport = TransportFactory.Create(broker.Url, new RpcConnectionOptions());
        ITransportConnection connection = await transport.ConnectAsync("raw peer", CancellationToken.None);
        ITransportChannel channel = await connection.OpenChannelAsync(CancellationToken.None);
        var peer = new RawPeer(connection, channel, serves ?? $"rpc.cb.{mark}raw{Guid.NewGuid():N}"[..20]);
        await channel.DeclareQueueAsync(new QueueDeclaration(peer.Queue, serves is null ? QueueKind.Exclusive : QueueKind.Classic), CancellationToken.None);
        await channel.ConsumeAsync(peer.Queue, prefetch: 0, peer, CancellationToken.None);
        return peer;
    }

    /// <summary>Sends a request. Default: for the method Do.</summary>
    public ValueTask SendAsync(
        string queue,
        string body,
        string? type = "Do",
        string? correlationId = "1",
        string? replyTo = "",
        string? contentType = "application/json",
        IReadOnlyDictionary<string, object?>? headers = null,
        long timestamp = 0,
        long expiration = 0) => Channel.PublishAsync(
            new OutgoingMessage
            {
                Exchange = "",
                RoutingKey = queue,
                Type = type,
                CorrelationId = new CorrelationId(correlationId),
                ReplyTo = replyTo == "" ? Queue : replyTo,
                ContentType = BatchText.ContentTypeOf(type, contentType),
                Headers = headers,
                Timestamp = timestamp,
                Expiration = expiration,
                Body = Encoding.UTF8.GetBytes(BatchText.Request(type, body)),
            },
            CancellationToken.None);

    /// <summary>Answers a message with one of a stream. By default, a body is JSON.</summary>
    public ValueTask SayAsync(Received other, string? type, string body, long? number = null, string? contentType = null) => Channel.PublishAsync(
        new OutgoingMessage
        {
            Exchange = "",
            RoutingKey = other.ReplyTo!,
            Type = type,
            CorrelationId = new CorrelationId(other.CorrelationId),
            ReplyTo = Queue,
            MessageId = number,
            ContentType = contentType ?? (body.Length == 0 ? null : "application/json"),
            Body = Encoding.UTF8.GetBytes(body),
        },
        CancellationToken.None);

    /// <summary>Sends a question to the instances of a service.</summary>
    public ValueTask AskInstancesAsync(string queue, string type) => Channel.PublishAsync(
        new OutgoingMessage { Exchange = $"{queue}.cancel", RoutingKey = "", Type = type, CorrelationId = new CorrelationId("1"), ReplyTo = Queue },
        CancellationToken.None);

    /// <summary>The next message. Fails if none arrives.</summary>
    public async Task<Received> NextAsync()
    {
        Assert.True(await _arrived.WaitAsync(Wait.Bound), "No message came.");
        Assert.True(_received.TryDequeue(out Received? message));
        return message;
    }

    public void OnDelivered(in IncomingMessage message)
    {
        _received.Enqueue(new Received(message.Type, message.CorrelationId, message.ReplyTo, message.ContentType, message.Expiration, message.Timestamp, Text(in message), message.Priority)
        {
            Headers = message.Headers,
            UserId = message.UserId,
        });
        _arrived.Release();
    }

    public void OnCancelledByBroker()
    {
    }

    /// <summary>The body as text. Only requests say where the reply goes.</summary>
    private static string Text(in IncomingMessage message)
    {
        string text = Encoding.UTF8.GetString(message.Body.Span);
        return message.ReplyTo is null ? BatchText.ReadReply(message.Type, text) : BatchText.ReadRequest(message.Type, text);
    }

    public ValueTask DisposeAsync()
    {
        _arrived.Dispose();
        return _connection.DisposeAsync();
    }
}

/// <summary>A received message.</summary>
internal sealed record Received(string? Type, string? CorrelationId, string? ReplyTo, string? ContentType, string? Expiration, long Timestamp, string Body, byte Priority)
{
    public IDictionary<string, object?>? Headers { get; init; }

    public string? UserId { get; init; }

    /// <summary>The fault's code.</summary>
    public string FaultCode
    {
        get
        {
            Assert.Equal(("fault", "application/problem+json"), (Type, ContentType));
            return System.Text.Json.Nodes.JsonNode.Parse(Body)!["type"]!.GetValue<string>()["urn:rpcgen:fault:".Length..];
        }
    }
}
