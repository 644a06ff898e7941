using System.Globalization;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.EndToEnd.Tests.Transports;
using RpcGen.Tests.Fuzzing;
using RpcGen.Tests.Transports.RabbitMq;

namespace RpcGen.EndToEnd.Tests.Fuzzing;

/// <summary>
/// Publishes mutated messages as they are, some with headers of every field type, and a few with a damaged property list. Those
/// two have a connection of their own: the broker closes it if it cannot read them, for example a number that is not a number.
/// </summary>
internal sealed class FuzzPublisher : IAsyncDisposable
{
    private const int OneInDamaged = 200;
    private const int OneInWithTables = 8;

    private readonly ConnectionFactory _factory;
    private readonly IConnection _connection;
    private IConnection? _rawConnection;
    private IChannel? _rawChannel;

    private FuzzPublisher(ConnectionFactory factory, IConnection connection, IChannel channel)
    {
        _factory = factory;
        _connection = connection;
        Channel = channel;
    }

    public IChannel Channel { get; }

    /// <summary>The raw messages that the broker has taken.</summary>
    public int RawAndTaken { get; private set; }

    /// <summary>The raw messages for which the broker has closed the channel or connection.</summary>
    public int RawAndRefused { get; private set; }

    public static async Task<FuzzPublisher> ConnectAsync(string url)
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        var factory = new ConnectionFactory { Uri = new Uri(url), AutomaticRecoveryEnabled = false };
        IConnection connection = await factory.CreateConnectionAsync(cancel);
        return new FuzzPublisher(factory, connection, await connection.CreateChannelAsync(cancellationToken: cancel));
    }

    /// <summary>Publishes a mutated message. Its mutator decides on its headers too.</summary>
    public async ValueTask SendAsync(FuzzedMessage message, string queue, Mutator mutator)
    {
        string routingKey = message.Exchange.Length == 0 ? queue : "";
        if (mutator.Next(OneInDamaged) == 0)
        {
            var fuzz = new HeaderFuzz(mutator.Next(int.MaxValue));
            await SendRawAsync(message, routingKey, fuzz.NextDamaged(List(message, fuzz.NextTable())));
        }
        else if (mutator.Next(OneInWithTables) == 0)
        {
            await SendRawAsync(message, routingKey, List(message, new HeaderFuzz(mutator.Next(int.MaxValue)).NextTable()));
        }
        else
        {
            await Channel.BasicPublishAsync(message.Exchange, routingKey, mandatory: false, Properties(message), message.Body);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await CloseRawAsync();
        await Channel.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private static BasicProperties Properties(FuzzedMessage message)
    {
        var properties = new BasicProperties { Timestamp = new AmqpTimestamp(message.Timestamp), Headers = message.Headers?.ToDictionary(header => header.Key, Value) };
        if (message.Expiration > 0)
        {
            properties.Expiration = message.Expiration.ToString(CultureInfo.InvariantCulture);
        }

        properties.Type = message.Type;
        properties.CorrelationId = message.Id;
        properties.ReplyTo = message.ReplyTo;
        properties.ContentType = message.ContentType;
        return properties;
    }

    /// <summary>A broker closes the channel of a client that sends copies to anything but a list.</summary>
    private static object? Value(KeyValuePair<string, object?> header) => header.Key == "CC" ? new List<object?> { header.Value } : header.Value;

    /// <summary>The property list of a message with a table of headers.</summary>
    private static byte[] List(FuzzedMessage message, byte[] table)
    {
        (int Flag, string? Text)[] afterTable =
        [
            (0x0400, message.Id), (0x0200, message.ReplyTo), (0x0100, message.Expiration > 0 ? message.Expiration.ToString(CultureInfo.InvariantCulture) : null), (0x0020, message.Type),
        ];
        int flags = (message.ContentType is null ? 0 : 0x8000) | 0x2000 | afterTable.Sum(property => property.Text is null ? 0 : property.Flag);
        return
        [
            (byte)(flags >> 8), (byte)flags,
            .. message.ContentType is { } contentType ? AmqpBytes.ShortString(contentType) : [],
            .. table,
            .. afterTable.SelectMany(property => property.Text is { } text ? AmqpBytes.ShortString(text) : []),
        ];
    }

    private async Task SendRawAsync(FuzzedMessage message, string routingKey, byte[] list)
    {
        try
        {
            _rawConnection ??= await _factory.CreateConnectionAsync().OrFail();
            _rawChannel ??= await _rawConnection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true)).OrFail();
            await _rawChannel.BasicPublishAsync(message.Exchange, routingKey, mandatory: false, new RawProperties(list), message.Body).AsTask().OrFail();
            RawAndTaken++;
        }
        catch (Exception e) when (e is AlreadyClosedException or OperationInterruptedException or PublishException)
        {
            RawAndRefused++;
            await CloseRawAsync();
        }
    }

    private async Task CloseRawAsync()
    {
        if (_rawConnection is { } connection)
        {
            (_rawConnection, _rawChannel) = (null, null);
            await connection.DisposeAsync();
        }
    }
}
