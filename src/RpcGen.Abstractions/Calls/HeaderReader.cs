using System.Text;
using System.Text.Unicode;

namespace RpcGen;

/// <summary>Reads headers of received messages. Their senders are not trusted: a value that is not text counts as missing.</summary>
internal static class HeaderReader
{
    /// <summary>Gets the text of a header; null if the header is missing or not text.</summary>
    public static string? Text(IDictionary<string, object?>? headers, string name) =>
        headers is not null && headers.TryGetValue(name, out object? value) ? Text(value) : null;

    /// <summary>Gets the headers that are metadata.</summary>
    public static Dictionary<string, string> Metadata(IDictionary<string, object?> headers)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string name, object? value) in headers)
        {
            if (name.Length > 0 && !ReservedHeaders.Contains(name) && Text(value) is { } text)
            {
                metadata[name] = text;
            }
        }

        return metadata;
    }

    // AMQP does not say how strings are encoded: the client library delivers bytes.
    private static string? Text(object? value) => value switch
    {
        string text => text,
        byte[] bytes when Utf8.IsValid(bytes) => Encoding.UTF8.GetString(bytes),
        _ => null,
    };
}
