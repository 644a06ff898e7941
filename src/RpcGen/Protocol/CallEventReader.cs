using System.Text.Json;

namespace RpcGen.Protocol;

/// <summary>Reads messages with calls that have ended. Unknown members are ignored, and missing ones are tolerated.</summary>
internal static class CallEventReader
{
    /// <summary>A larger message is ignored.</summary>
    public const int MaxBytes = 256 << 10;

    /// <summary>Further events of a message are not read.</summary>
    public const int MaxEvents = 1024;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = JsonLimits.MaxDepth, AllowDuplicateProperties = false };

    /// <summary>Reads a message; null if it is none.</summary>
    /// <param name="json">The body.</param>
    /// <param name="find">Finds an instance by its id.</param>
    public static CallEvents? TryRead(ReadOnlyMemory<byte> json, Func<string, RpcServiceInstance> find)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, Options);
            JsonElement root = document.RootElement;
            RpcServiceInstance service = find(root.GetProperty("instance").GetString() ?? "");
            long omitted = root.TryGetProperty("omitted", out JsonElement count) ? Math.Max(0, count.GetInt64()) : 0;
            return new CallEvents([.. root.GetProperty("events").EnumerateArray().Take(MaxEvents).Select(ended => Read(ended, service))], omitted);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException or OverflowException or ArgumentException)
        {
            return null;
        }
    }

    private static RpcCallEvent Read(JsonElement ended, RpcServiceInstance service) => new()
    {
        Service = service,
        CallId = Text(ended, "id"),
        Method = Text(ended, "method") ?? "",
        Outcome = Text(ended, "outcome") switch
        {
            "answered" => RpcCallOutcome.Answered,
            "cancelled" => RpcCallOutcome.Cancelled,
            "refused" => RpcCallOutcome.Refused,
            _ => RpcCallOutcome.Faulted,
        },
        FaultCode = Text(ended, "code"),
        Duration = Milliseconds(ended, "ms"),
        Waited = Milliseconds(ended, "waited") ?? TimeSpan.Zero,
        IsRedelivered = ended.TryGetProperty("redelivered", out JsonElement redelivered) && redelivered.GetBoolean(),
        TraceId = Text(ended, "trace"),
        EndedAt = ended.TryGetProperty("at", out JsonElement at) ? DateTimeOffset.FromUnixTimeMilliseconds(at.GetInt64()) : default,
    };

    private static string? Text(JsonElement parent, string name) => parent.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;

    private static TimeSpan? Milliseconds(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? TimeSpan.FromMilliseconds(value.GetDouble()) : null;
}

/// <summary>Calls that have ended.</summary>
/// <param name="Events">The calls.</param>
/// <param name="Omitted">How many more ended that are not among them.</param>
internal sealed record CallEvents(RpcCallEvent[] Events, long Omitted);
