using System.Text;
using RabbitMQ.Client;

namespace RpcGen.Cli.DeadLetters;

/// <summary>A message that a broker has moved to a dead-letter queue.</summary>
internal sealed class DeadLetter(BasicGetResult message)
{
    private const string ReservedPrefix = "x-";

    private readonly IDictionary<string, object?>? _death =
        message.BasicProperties.Headers?.TryGetValue("x-death", out object? deaths) == true && deaths is IList<object?> { Count: > 0 } list ? list[0] as IDictionary<string, object?> : null;

    public ulong DeliveryTag => message.DeliveryTag;

    /// <summary>The call's id.</summary>
    public string Id => message.BasicProperties.CorrelationId ?? "";

    /// <summary>The method.</summary>
    public string Method => message.BasicProperties.Type ?? "";

    /// <summary>The queue that the message was in; empty if the broker does not say.</summary>
    public string Queue => Text("queue");

    /// <summary>Why it was moved: <c>rejected</c>, <c>expired</c>, <c>maxlen</c> or <c>delivery_limit</c>.</summary>
    public string Reason => Text("reason");

    /// <summary>When it was moved, by the broker's clock; null if the broker does not say.</summary>
    public DateTimeOffset? Time => _death?.TryGetValue("time", out object? time) == true && time is AmqpTimestamp { UnixTime: >= 0 and <= 253_402_300_799 } stamp ? DateTimeOffset.FromUnixTimeSeconds(stamp.UnixTime) : null;

    public ReadOnlyMemory<byte> Body => message.Body;

    /// <summary>The body as text.</summary>
    public string BodyText => Encoding.UTF8.GetString(message.Body.Span);

    /// <summary>The properties for another attempt: without what the broker added, and without the user, which only its sender can claim.</summary>
    public BasicProperties CreateProperties()
    {
        IReadOnlyBasicProperties known = message.BasicProperties;
        var properties = new BasicProperties
        {
            Type = known.Type,
            CorrelationId = known.CorrelationId,
            ContentType = known.ContentType,
            ContentEncoding = known.ContentEncoding,
            MessageId = known.MessageId,
            DeliveryMode = known.DeliveryMode,
        };
        if (known.IsPriorityPresent())
        {
            properties.Priority = known.Priority;
        }

        if (known.Headers is not null)
        {
            properties.Headers = known.Headers.Where(header => !header.Key.StartsWith(ReservedPrefix, StringComparison.Ordinal)).ToDictionary(header => header.Key, header => header.Value);
        }

        return properties;
    }

    private string Text(string name) => _death?.TryGetValue(name, out object? value) == true ? value switch
    {
        byte[] bytes => Encoding.UTF8.GetString(bytes),
        string text => text,
        _ => "",
    } : "";
}
