using RabbitMQ.Client;
using RpcGen.Protocol;
using RpcGen.Transport;
using RpcGen.Transport.RabbitMq;

namespace RpcGen.Tests.Compatibility;

/// <summary>A message as it is sent: where to, the property list of its content header, and its body.</summary>
internal sealed record WireMessage(bool IsFromClient, string Exchange, string RoutingKey, bool IsMandatory, byte[] Properties, byte[] Body)
{
    /// <summary>The prefix of the routing keys of probes, which no queue gets.</summary>
    private const string ProbePrefix = "rpc.probe.";

    /// <summary>The properties as the client library decodes them.</summary>
    public IReadOnlyBasicProperties Decoded => new ReadOnlyBasicProperties(Properties);

    /// <summary>Whether it only finds out whether its exchange exists.</summary>
    public bool IsProbe => RoutingKey.StartsWith(ProbePrefix, StringComparison.Ordinal);

    /// <summary>
    /// Whether it has further replies of the same batch. Which replies share a message depends on time, and means nothing: the record has them in one.
    /// </summary>
    public bool Continues(WireMessage last) => IsBatchOfReplies && last.IsBatchOfReplies && Properties.AsSpan().SequenceEqual(last.Properties);

    /// <summary>Whether it has replies to the calls of a batch.</summary>
    public bool IsBatchOfReplies => !IsFromClient && Decoded.Type == WireNames.Batch;

    /// <summary>What a peer publishes, encoded by the code that writes to RabbitMQ.</summary>
    public static WireMessage Write(in OutgoingMessage message, bool isFromClient)
    {
        var properties = new OutgoingProperties(in message);
        byte[] list = new byte[properties.GetRequiredBufferSize()];
        Assert.Equal(list.Length, properties.WriteTo(list));
        return new WireMessage(isFromClient, message.Exchange, message.RoutingKey, message.IsMandatory, list, message.Body.ToArray());
    }

    /// <summary>The message as the code that reads from RabbitMQ sees it.</summary>
    public IncomingMessage Read() => RabbitMqConsumer.Read(deliveryTag: 1, redelivered: false, Exchange, RoutingKey, Decoded, Body);

    /// <summary>The message to be published again, with what <see cref="Read"/> makes of it.</summary>
    public OutgoingMessage ToOutgoing()
    {
        IncomingMessage read = Read();
        Assert.False(read.IsUnreadable);
        return new OutgoingMessage
        {
            Exchange = Exchange,
            RoutingKey = RoutingKey,
            IsMandatory = IsMandatory,
            IsPersistent = Decoded.Persistent,
            Priority = read.Priority,
            ContentType = read.ContentType,
            Type = read.Type,
            CorrelationId = new CorrelationId(read.CorrelationId),
            ReplyTo = read.ReplyTo,
            Expiration = Number(read.Expiration) ?? 0,
            Timestamp = read.Timestamp,
            MessageId = Number(read.MessageId),
            UserId = read.UserId,
            Headers = read.Headers?.ToDictionary(),
            Body = Body,
        };
    }

    private static long? Number(string? digits) => digits is null ? null : long.Parse(digits, System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>A step of a conversation: a message, or time that passes.</summary>
/// <param name="Message">The message.</param>
/// <param name="Pause">How much time passes, if this is no message.</param>
/// <param name="IsForHandler">Whether the time passes once a handler waits for it.</param>
internal readonly record struct WireStep(WireMessage? Message, TimeSpan Pause = default, bool IsForHandler = false);
