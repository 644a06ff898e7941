using System.Text;

namespace RpcGen.Transport.InMemory;

/// <summary>What the wire would make of properties: the same limits, the same types.</summary>
internal static class WireForm
{
    private const int MaxShortBytes = byte.MaxValue;
    private const int MaxBytesPerChar = 3;

    /// <summary>A text that AMQP counts in one byte.</summary>
    /// <exception cref="ArgumentException">It is too long.</exception>
    public static string? Short(string? text) =>
        text is null || text.Length <= MaxShortBytes / MaxBytesPerChar || Encoding.UTF8.GetByteCount(text) <= MaxShortBytes
            ? text
            : throw new ArgumentException($"AMQP takes at most {MaxShortBytes} bytes here, not {Encoding.UTF8.GetByteCount(text)}: '{text[..60]}…'.");

    /// <summary>Headers as they are sent: text becomes UTF-8 bytes.</summary>
    /// <exception cref="ArgumentException">One is of a type that does not travel.</exception>
    public static Dictionary<string, object?>? Sent(IReadOnlyDictionary<string, object?>? headers) =>
        headers?.ToDictionary(header => Short(header.Key)!, Sent, StringComparer.Ordinal);

    /// <summary>Headers as they are received: a dictionary of the receiver's own, for it may change it.</summary>
    public static Dictionary<string, object?>? Received(IReadOnlyDictionary<string, object?>? headers) =>
        headers is null ? null : new(headers, StringComparer.Ordinal);

    private static object? Sent(KeyValuePair<string, object?> header) => header.Value switch
    {
        null or bool or int or long or double => header.Value,
        string text => Encoding.UTF8.GetBytes(text),
        byte[] bytes => bytes.Clone(),
        _ => throw new ArgumentException(
            $"Header '{header.Key}' is a {header.Value.GetType()}; headers are strings, byte[], bool, int, long or double."),
    };
}
