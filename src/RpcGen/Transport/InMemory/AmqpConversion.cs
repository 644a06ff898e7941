using System.Text;

namespace RpcGen.Transport.InMemory;

/// <summary>Converts properties as their way through AMQP would: with the same limits and types.</summary>
internal static class AmqpConversion
{
    private const int MaxShortStringBytes = byte.MaxValue;
    private const int MaxBytesPerChar = 3;

    /// <summary>Checks a text that AMQP sends with its length in one byte.</summary>
    /// <exception cref="ArgumentException">It is too long.</exception>
    public static string? ShortString(string? text)
    {
        bool isSurelyShort = text is null || text.Length <= MaxShortStringBytes / MaxBytesPerChar;
        return isSurelyShort || Encoding.UTF8.GetByteCount(text!) <= MaxShortStringBytes
            ? text
            : throw new ArgumentException($"AMQP allows at most {MaxShortStringBytes} bytes here, not {Encoding.UTF8.GetByteCount(text!)}: '{text![..60]}…'.");
    }

    /// <summary>Converts headers as sending does: text becomes UTF-8 bytes.</summary>
    /// <exception cref="ArgumentException">A header has a type that cannot be sent.</exception>
    public static Dictionary<string, object?>? ToWire(IReadOnlyDictionary<string, object?>? headers) =>
        headers?.ToDictionary(header => ShortString(header.Key)!, ToWire, StringComparer.Ordinal);

    /// <summary>Copies headers as receiving does: each receiver gets its own dictionary, which it can change.</summary>
    public static Dictionary<string, object?>? FromWire(IReadOnlyDictionary<string, object?>? headers) =>
        headers is null ? null : new(headers, StringComparer.Ordinal);

    /// <summary>Adds the headers that RabbitMQ gives a message that a consumer rejected.</summary>
    public static Dictionary<string, object?> AddDeath(IReadOnlyDictionary<string, object?>? headers, string queue, string exchange)
    {
        var result = headers is null ? new Dictionary<string, object?>(StringComparer.Ordinal) : new(headers, StringComparer.Ordinal);
        byte[] reason = "rejected"u8.ToArray(), diedIn = Encoding.UTF8.GetBytes(queue), publishedTo = Encoding.UTF8.GetBytes(exchange);
        result["x-death"] = new List<object?>
        {
            new Dictionary<string, object?> { ["count"] = 1L, ["reason"] = reason, ["queue"] = diedIn, ["exchange"] = publishedTo },
        };
        result.TryAdd("x-first-death-reason", reason);
        result.TryAdd("x-first-death-queue", diedIn);
        result.TryAdd("x-first-death-exchange", publishedTo);
        return result;
    }

    private static object? ToWire(KeyValuePair<string, object?> header) => header.Value switch
    {
        null or bool or int or long or double => header.Value,
        string text => Encoding.UTF8.GetBytes(text),
        byte[] bytes => bytes.Clone(),
        _ => throw new ArgumentException(
            $"Header '{header.Key}' is a {header.Value.GetType()}; headers must be strings, byte[], bool, int, long or double."),
    };
}
