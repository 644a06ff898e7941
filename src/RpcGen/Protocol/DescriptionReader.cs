using System.Text.Json;

namespace RpcGen.Protocol;

/// <summary>Reads replies to <c>$describe</c>. Unknown members are ignored, and missing ones are tolerated.</summary>
internal static class DescriptionReader
{
    /// <exception cref="JsonException">The reply is not a description.</exception>
    public static RpcServiceDescription Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = JsonLimits.MaxDepth, AllowDuplicateProperties = false });
            return Read(document.RootElement.Clone(), json);
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or KeyNotFoundException or ArgumentOutOfRangeException)
        {
            throw new JsonException($"it is not a description: {e.Message}", e);
        }
    }

    private static RpcServiceDescription Read(JsonElement root, ReadOnlyMemory<byte> json) => new()
    {
        ProtocolVersion = root.TryGetProperty("protocol", out JsonElement version) ? version.GetInt32() : 0,
        Service = root.Deserialize(IntrospectionJsonContext.Default.RpcServiceInstance)!,
        Summary = Text(root, "summary"),
        Deprecation = Text(root, "deprecated"),
        Methods = root.TryGetProperty("methods", out JsonElement methods) ? [.. methods.EnumerateArray().Select(ReadMethod)] : [],
        Utf8Json = json,
    };

    private static RpcMethodDescription ReadMethod(JsonElement method) => new()
    {
        Name = Text(method, "name") ?? "",
        Summary = Text(method, "summary"),
        Deprecation = Text(method, "deprecated"),
        Timeout = Value(method, "timeout") is { } timeout ? TimeSpan.FromMilliseconds(timeout.GetInt64()) : null,
        IsCancellable = Flag(method, "cancellable"),
        IsOneWay = Flag(method, "oneWay"),
        IsBroadcast = Flag(method, "broadcast"),
        IsIdempotent = Flag(method, "idempotent"),
        IsAtMostOnce = Flag(method, "atMostOnce"),
        IsDurable = Flag(method, "durable"),
        IsLongRunning = Flag(method, "longRunning"),
        Priority = Value(method, "priority")?.GetByte() ?? 0,
        Policies = [.. Elements(method, "policies").Select(policy => policy.GetString() ?? "")],
        Faults = ReadFaults(method),
        Arguments = Value(method, "arguments") ?? default,
        Result = Value(method, "result"),
        Items = Value(method, "items"),
    };

    private static OrderedDictionary<string, JsonElement> ReadFaults(JsonElement method)
    {
        var faults = new OrderedDictionary<string, JsonElement>(StringComparer.Ordinal);
        JsonElement data = Value(method, "faultData") ?? default;
        foreach (string code in Elements(method, "faults").Select(code => code.GetString() ?? ""))
        {
            faults[code] = data.ValueKind == JsonValueKind.Object && data.TryGetProperty(code, out JsonElement schema) ? schema : default;
        }

        return faults;
    }

    private static JsonElement? Value(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static string? Text(JsonElement parent, string name) => Value(parent, name)?.GetString();

    private static bool Flag(JsonElement parent, string name) => Value(parent, name)?.GetBoolean() ?? false;

    private static JsonElement.ArrayEnumerator Elements(JsonElement parent, string name) =>
        Value(parent, name) is { } list ? list.EnumerateArray() : default;
}
