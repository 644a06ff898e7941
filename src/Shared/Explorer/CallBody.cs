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
/// <param name="Timeout">The time limit; null for the method's.</param>
internal sealed record CallBody(
    string Queue, string Method, ReadOnlyMemory<byte> Arguments, IReadOnlyDictionary<string, IAsyncEnumerable<ReadOnlyMemory<byte>>> Streams, IReadOnlyDictionary<string, Stream> Bytes, TimeSpan? Timeout)
{
    private const double MaxSeconds = 1e6;

    /// <summary>Reads the body of a request; null if it is not one.</summary>
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

        TimeSpan? timeout = body.TryGetProperty("timeout", out JsonElement seconds) && seconds.GetDouble() is > 0 and < MaxSeconds and var limit ? TimeSpan.FromSeconds(limit) : null;
        return new CallBody(
            body.GetProperty("queue").GetString()!, body.GetProperty("method").GetString()!, Encoding.UTF8.GetBytes(body.GetProperty("arguments").GetRawText()), streams, bytes, timeout);
    }
}
