using System.Text.Json;

namespace RpcGen.Protocol;

/// <summary>The body of a <c>$watch</c> question: which calls to watch. Unknown members are ignored, so later versions can add some.</summary>
internal static class WatchFilters
{
    /// <summary>A larger body is refused.</summary>
    public const int MaxBytes = 1024;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = JsonLimits.MaxDepth, AllowDuplicateProperties = false };

    /// <summary>Writes a filter.</summary>
    public static byte[] Write(RpcWatchFilter filter)
    {
        var body = new PooledBuffer();
        Utf8JsonWriter writer = JsonWriters.Rent(body);
        writer.WriteStartObject();
        if (filter.Method is not null)
        {
            writer.WriteString("method", filter.Method);
        }

        if (filter.OnlyFailures)
        {
            writer.WriteBoolean("failures", true);
        }

        if (filter.TraceId is not null)
        {
            writer.WriteString("trace", filter.TraceId);
        }

        writer.WriteEndObject();
        writer.Flush();
        JsonWriters.Return(writer);
        byte[] bytes = body.Written.ToArray();
        body.Release();
        return bytes;
    }

    /// <summary>Reads a filter; null if the body is no filter. An empty body watches all calls.</summary>
    public static RpcWatchFilter? TryRead(ReadOnlyMemory<byte> body)
    {
        if (body.IsEmpty)
        {
            return new RpcWatchFilter();
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(body, Options);
            JsonElement root = document.RootElement;
            return new RpcWatchFilter
            {
                Method = Text(root, "method"),
                OnlyFailures = root.TryGetProperty("failures", out JsonElement failures) && failures.GetBoolean(),
                TraceId = Text(root, "trace"),
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement root, string name) => root.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;
}
