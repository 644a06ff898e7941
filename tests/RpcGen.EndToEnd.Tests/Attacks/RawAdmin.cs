using System.Collections.Concurrent;
using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.Tests.Support;

namespace RpcGen.EndToEnd.Tests.Attacks;

/// <summary>A client in another library that sends its user with its requests.</summary>
internal sealed class RawAdmin : IAsyncDisposable
{
    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private readonly string _user;
    private readonly string _callbacks = $"rpc.cb.{Guid.NewGuid():N}"[..20];
    private readonly ConcurrentQueue<string> _replies = new();

    private RawAdmin(IConnection connection, IChannel channel, string user)
    {
        _connection = connection;
        _channel = channel;
        _user = user;
    }

    public static async Task<RawAdmin> ConnectAsync(string url, string user, CancellationToken cancellationToken)
    {
        IConnection connection = await new ConnectionFactory { Uri = new Uri(url) }.CreateConnectionAsync(cancellationToken);
        IChannel channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        var admin = new RawAdmin(connection, channel, user);
        await channel.QueueDeclareAsync(admin._callbacks, durable: false, exclusive: true, autoDelete: true, cancellationToken: cancellationToken);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, reply) =>
        {
            admin._replies.Enqueue(BatchText.ReadReply(reply.BasicProperties.Type, Encoding.UTF8.GetString(reply.Body.Span)));
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(admin._callbacks, autoAck: true, consumer, cancellationToken);
        return admin;
    }

    public ValueTask SendAsync(string exchange, string routingKey, string type, string body, IDictionary<string, object?>? headers = null) => _channel.BasicPublishAsync(
        exchange,
        routingKey,
        mandatory: false,
        new BasicProperties { Type = type, UserId = _user, ReplyTo = _callbacks, CorrelationId = "7", ContentType = BatchText.ContentTypeOf(type, "application/json"), Headers = headers },
        Encoding.UTF8.GetBytes(BatchText.Request(type, body)));

    /// <summary>Waits until the replies contain all of these texts, and returns the replies.</summary>
    public async Task<string> RepliesUntilAsync(params string[] texts)
    {
        await Wait.UntilAsync(() => Array.TrueForAll(texts, text => _replies.Any(reply => reply.Contains(text, StringComparison.Ordinal))), $"replies with {string.Join(" and ", texts)}");
        return string.Join('\n', _replies);
    }

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
