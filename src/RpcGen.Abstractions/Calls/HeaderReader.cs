using System.Text;
using System.Text.Unicode;

namespace RpcGen;

/// <summary>Reads headers as they come off the wire, from anyone: what is no text is not there.</summary>
internal static class HeaderReader
{
    /// <summary>The text of a header; null where there is none.</summary>
    public static string? Text(IDictionary<string, object?>? headers, string name) =>
        headers is not null && headers.TryGetValue(name, out object? value) ? Text(value) : null;

    /// <summary>The headers that are metadata.</summary>
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

    // AMQP's strings are bytes of no known encoding.
    private static string? Text(object? value) => value switch
    {
        string text => text,
        byte[] bytes when Utf8.IsValid(bytes) => Encoding.UTF8.GetString(bytes),
        _ => null,
    };
}
