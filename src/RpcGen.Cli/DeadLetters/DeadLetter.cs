using System.Text;
using RabbitMQ.Client;

namespace RpcGen.Cli.DeadLetters;

/// <summary>A message that a broker has moved to a dead-letter queue.</summary>
internal sealed class DeadLetter(BasicGetResult message)
{
    /// <summary>Headers of the broker, and those with which RpcGen says why.</summary>
    private static readonly string[] ReservedPrefixes = ["x-", "rpcgen-"];

    /// <summary>The end of the year 9999.</summary>
    private const long LastSecond = 253_402_300_799;

    private readonly IDictionary<string, object?>? _death =
        message.BasicProperties.Headers?.TryGetValue("x-death", out object? deaths) == true && deaths is IList<object?> { Count: > 0 } list ? list[0] as IDictionary<string, object?> : null;

    public ulong DeliveryTag => message.DeliveryTag;

    /// <summary>The call's id.</summary>
    public string Id => message.BasicProperties.CorrelationId ?? "";

    /// <summary>The method.</summary>
    public string Method => message.BasicProperties.Type ?? "";

    /// <summary>The queue that the message was in; empty if it is unknown.</summary>
    public string Queue => Text("queue");

    /// <summary>
    /// Why it was moved: by the broker, which says <c>rejected</c>, <c>expired</c>, <c>maxlen</c> or <c>delivery_limit</c>, or by its server, which says the code of the fault.
    /// </summary>
    public string Reason => _death is null ? Text("code") : Text("reason");

    /// <summary>What the server says about it; empty if the broker has moved it.</summary>
    public string Detail => _death is null ? Text("reason") : "";

    /// <summary>When it was moved; null if it is unknown.</summary>
    public DateTimeOffset? Time => Value("time") switch
    {
        AmqpTimestamp { UnixTime: >= 0 and <= LastSecond } stamp => DateTimeOffset.FromUnixTimeSeconds(stamp.UnixTime),
        long and >= 0 and <= LastSecond and var seconds => DateTimeOffset.FromUnixTimeSeconds(seconds),
        _ => null,
    };

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
            properties.Headers = known.Headers.Where(header => !ReservedPrefixes.Any(prefix => header.Key.StartsWith(prefix, StringComparison.Ordinal))).ToDictionary(header => header.Key, header => header.Value);
        }

        return properties;
    }

    private string Text(string name) => Value(name) switch
    {
        byte[] bytes => Encoding.UTF8.GetString(bytes),
        string text => text,
        _ => "",
    };

    /// <summary>What the broker says in its own header; without that, what the server says.</summary>
    private object? Value(string name) => _death is not null ? _death.TryGetValue(name, out object? ofBroker) ? ofBroker : null
        : message.BasicProperties.Headers?.TryGetValue($"rpcgen-{name}", out object? ofServer) == true ? ofServer
        : null;
}
