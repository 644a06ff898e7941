using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace RpcGen.Explorer;

/// <summary>What the page wants to call.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Method">The method's name on the wire.</param>
/// <param name="Arguments">The body of the request.</param>
/// <param name="Streams">The items of streams to send, by parameter.</param>
/// <param name="Bytes">The bytes of streams to send, by parameter.</param>
/// <param name="Metadata">The metadata of the call; null for none.</param>
internal sealed record CallBody(
    string Queue, string Method, ReadOnlyMemory<byte> Arguments, IReadOnlyDictionary<string, IAsyncEnumerable<ReadOnlyMemory<byte>>> Streams, IReadOnlyDictionary<string, Stream> Bytes, RpcMetadata? Metadata)
{
    /// <summary>Reads the body of a request; null if it is not one.</summary>
    /// <exception cref="ArgumentException">The metadata cannot be sent.</exception>
    public static async Task<CallBody?> ReadAsync(HttpRequest request)
    {
        try
        {
            using JsonDocument document = await JsonDocument.ParseAsync(request.Body, cancellationToken: request.HttpContext.RequestAborted).ConfigureAwait(false);
            return Read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Numbers keep all their digits, because values are passed on as text.</summary>
    private static CallBody Read(JsonElement body)
    {
        var streams = new Dictionary<string, IAsyncEnumerable<ReadOnlyMemory<byte>>>(StringComparer.Ordinal);
        var bytes = new Dictionary<string, Stream>(StringComparer.Ordinal);
        foreach (JsonProperty stream in body.GetProperty("streams").EnumerateObject())
        {
            if (stream.Value.ValueKind == JsonValueKind.String)
            {
                bytes.Add(stream.Name, new MemoryStream(stream.Value.GetBytesFromBase64()));
            }
            else
            {
                ReadOnlyMemory<byte>[] items = [.. stream.Value.EnumerateArray().Select(item => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(item.GetRawText()))];
                streams.Add(stream.Name, items.ToAsyncEnumerable());
            }
        }

        RpcMetadata? metadata = body.TryGetProperty("metadata", out JsonElement entries)
            ? new RpcMetadata(entries.EnumerateObject().Select(entry => KeyValuePair.Create(entry.Name, entry.Value.GetString() ?? "")))
            : null;
        return new CallBody(
            body.GetProperty("queue").GetString()!, body.GetProperty("method").GetString()!, Encoding.UTF8.GetBytes(body.GetProperty("arguments").GetRawText()), streams, bytes, metadata);
    }
}
