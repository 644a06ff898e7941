using System.Text;
using RabbitMQ.Client;

namespace RpcGen.EndToEnd.Tests.Transports;

/// <summary>Operations on a broker through the plain client library, without our own code.</summary>
internal static class BrokerClient
{
    /// <summary>RabbitMQ's version.</summary>
    public static async Task<Version> VersionAsync(string url)
    {
        await using IConnection connection = await ConnectAsync(url);
        return Version.Parse(Encoding.UTF8.GetString((byte[])connection.ServerProperties!["version"]!));
    }

    /// <summary>Publishes a message that our transport would refuse, and waits for the confirm.</summary>
    public static async Task PublishAsync<TProperties>(string url, string queue, TProperties properties)
        where TProperties : IReadOnlyBasicProperties, IAmqpHeader
    {
        await using IConnection connection = await ConnectAsync(url);
        await using IChannel channel = await connection.CreateChannelAsync();
        await channel.BasicPublishAsync("", queue, mandatory: true, properties, ReadOnlyMemory<byte>.Empty);
        await channel.QueueDeclarePassiveAsync(queue);
    }

    /// <summary>Declares a durable queue with an operator's settings: a maximum length, or a dead-letter queue.</summary>
    public static async Task DeclareQueueAsync(string url, string queue, int? maxLength, string? deadLetterQueue, string type = "classic")
    {
        var arguments = new Dictionary<string, object?> { ["x-queue-type"] = type };
        if (maxLength is not null)
        {
            arguments["x-max-length"] = maxLength;
            arguments["x-overflow"] = "reject-publish";
        }

        if (deadLetterQueue is not null)
        {
            arguments["x-dead-letter-exchange"] = "";
            arguments["x-dead-letter-routing-key"] = deadLetterQueue;
        }

        await using IConnection connection = await ConnectAsync(url);
        await using IChannel channel = await connection.CreateChannelAsync();
        await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, arguments);
    }

    private static Task<IConnection> ConnectAsync(string url) =>
        new ConnectionFactory { Uri = new Uri(url), AutomaticRecoveryEnabled = false }.CreateConnectionAsync();
}
