using System.Text.Json;

namespace RpcGen.Protocol;

/// <summary>Reads replies to <c>$stats</c>. Unknown members are ignored, and missing ones are tolerated.</summary>
internal static class StatisticsReader
{
    private const int MaxMethods = 4096;
    private const int MaxDurations = 64;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = JsonLimits.MaxDepth, AllowDuplicateProperties = false };

    /// <exception cref="JsonException">The reply is not an instance's.</exception>
    public static RpcServiceStatistics Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, Options);
            return Read(document.RootElement);
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException)
        {
            throw new JsonException($"it is not an instance's reply: {e.Message}", e);
        }
    }

    private static RpcServiceStatistics Read(JsonElement root) => new()
    {
        Places = Number(root, "places"),
        Running = Number(root, "running"),
        Waiting = Number(root, "waiting"),
        Refused = Count(root, "refused"),
        Methods = root.TryGetProperty("methods", out JsonElement methods) ? [.. methods.EnumerateArray().Take(MaxMethods).Select(ReadMethod)] : [],
        Service = root.Deserialize(IntrospectionJsonContext.Default.RpcServiceInstance)!,
    };

    private static RpcMethodStatistics ReadMethod(JsonElement method) => new()
    {
        Name = method.TryGetProperty("name", out JsonElement name) ? name.GetString() ?? "" : "",
        InFlight = Count(method, "inFlight"),
        Answered = Count(method, "answered"),
        Faulted = Count(method, "faulted"),
        Cancelled = Count(method, "cancelled"),
        Refused = Count(method, "refused"),
        Durations = method.TryGetProperty("durations", out JsonElement durations) ? [.. durations.EnumerateArray().Take(MaxDurations).Select(static count => count.GetInt64())] : [],
    };

    private static int Number(JsonElement parent, string name) => parent.TryGetProperty(name, out JsonElement value) ? value.GetInt32() : 0;

    private static long Count(JsonElement parent, string name) => parent.TryGetProperty(name, out JsonElement value) ? value.GetInt64() : 0;
}
