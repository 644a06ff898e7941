using System.Text;
using RabbitMQ.Client;

namespace RpcGen.EndToEnd.Tests.Transports;

/// <summary>What tests do to a broker through the plain client library, so that nothing of ours is in the way.</summary>
internal static class BrokerClient
{
    /// <summary>RabbitMQ's version.</summary>
    public static async Task<Version> VersionAsync(string url)
    {
        await using IConnection connection = await ConnectAsync(url);
        return Version.Parse(Encoding.UTF8.GetString((byte[])connection.ServerProperties!["version"]!));
    }

    /// <summary>Publishes what our own transport would not, and waits until the broker has it.</summary>
    public static async Task PublishAsync<TProperties>(string url, string queue, TProperties properties)
        where TProperties : IReadOnlyBasicProperties, IAmqpHeader
    {
        await using IConnection connection = await ConnectAsync(url);
        await using IChannel channel = await connection.CreateChannelAsync();
        await channel.BasicPublishAsync("", queue, mandatory: true, properties, ReadOnlyMemory<byte>.Empty);
        await channel.QueueDeclarePassiveAsync(queue);
    }

    private static Task<IConnection> ConnectAsync(string url) =>
        new ConnectionFactory { Uri = new Uri(url), AutomaticRecoveryEnabled = false }.CreateConnectionAsync();
}
