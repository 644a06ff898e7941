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

    private static object? ToWire(KeyValuePair<string, object?> header) => header.Value switch
    {
        null or bool or int or long or double => header.Value,
        string text => Encoding.UTF8.GetBytes(text),
        byte[] bytes => bytes.Clone(),
        _ => throw new ArgumentException(
            $"Header '{header.Key}' is a {header.Value.GetType()}; headers must be strings, byte[], bool, int, long or double."),
    };
}
