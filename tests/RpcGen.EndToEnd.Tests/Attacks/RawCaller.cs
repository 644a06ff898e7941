using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Attacks;

/// <summary>A raw client that sends requests and receives what answers them.</summary>
internal sealed class RawCaller
{
    private readonly Channel<RawReply> _replies = System.Threading.Channels.Channel.CreateUnbounded<RawReply>();
    private readonly IChannel _channel;

    private RawCaller(IChannel channel, string replyTo)
    {
        _channel = channel;
        ReplyTo = replyTo;
    }

    /// <summary>The caller's own queue.</summary>
    public string ReplyTo { get; }

    /// <summary>Opens a channel and declares the queue for replies.</summary>
    public static async Task<RawCaller> OpenAsync(IConnection connection)
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        IChannel channel = await connection.CreateChannelAsync(cancellationToken: cancel);
        string queue = $"rpc.cb.{Guid.NewGuid():N}"[..20];
        await channel.QueueDeclareAsync(queue, durable: false, exclusive: true, autoDelete: true, cancellationToken: cancel);
        var caller = new RawCaller(channel, queue);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            caller._replies.Writer.TryWrite(new RawReply(delivery.BasicProperties.Type, delivery.BasicProperties.CorrelationId, Encoding.UTF8.GetString(delivery.Body.Span)));
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(queue, autoAck: true, consumer, cancel);
        return caller;
    }

    /// <summary>Sends a message to a queue, or to an exchange without a routing key.</summary>
    public ValueTask SendAsync(string queue, string? type, string body, string id = "1", string? expiration = null, string exchange = "", string? encoding = null, string? replyTo = null)
    {
        var properties = new BasicProperties { ContentType = "application/json", CorrelationId = id, ReplyTo = replyTo ?? ReplyTo, Expiration = expiration };
        if (type is not null)
        {
            properties.Type = type;
        }

        if (encoding is not null)
        {
            properties.ContentEncoding = encoding;
        }

        return _channel.BasicPublishAsync(exchange, queue, mandatory: false, properties, Encoding.UTF8.GetBytes(body), TestContext.Current.CancellationToken);
    }

    /// <summary>How many replies have come and were not taken.</summary>
    public int Untaken => _replies.Reader.Count;

    /// <summary>The next reply. Fails if none arrives.</summary>
    public Task<RawReply> NextAsync() => _replies.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().OrFail();
}

/// <summary>A reply as it came.</summary>
internal sealed record RawReply(string? Type, string? Id, string Body)
{
    /// <summary>The code of a fault.</summary>
    public string Code => JsonNode.Parse(Body)!["type"]!.GetValue<string>()["urn:rpcgen:fault:".Length..];

    /// <summary>The violations of a fault.</summary>
    public JsonObject Errors => JsonNode.Parse(Body)!["errors"]!.AsObject();
}
