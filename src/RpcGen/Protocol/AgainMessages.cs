using System.Text.Json;

namespace RpcGen.Protocol;

/// <summary>The parts of messages that concern requests that are sent back, and sent again because of that.</summary>
internal static class AgainMessages
{
    private const string Ran = "ran";

    /// <summary>The body of a reply that sends a request back which certainly did not run.</summary>
    public static ReadOnlyMemory<byte> NotRun { get; } = "{\"ran\":false}"u8.ToArray();

    /// <summary>Whether the owner of a callback queue supports requests that are sent back.</summary>
    public static bool IsUnderstoodAt(string? replyTo) => replyTo?.StartsWith(WireNames.MarkedCallbackQueuePrefix, StringComparison.Ordinal) == true;

    /// <summary>Whether a request was sent again because a server sent it back, and may have run before.</summary>
    public static bool IsSentAgain(string? contentType) => contentType?.EndsWith(WireNames.SentAgain, StringComparison.Ordinal) == true;

    /// <summary>Whether a request that a server sent back may have run. Without a body that says otherwise, it may.</summary>
    public static bool MayHaveRun(ReadOnlyMemory<byte> body)
    {
        if (body.IsEmpty)
        {
            return true;
        }

        try
        {
            using JsonDocument read = JsonDocument.Parse(body);
            return !(read.RootElement.ValueKind == JsonValueKind.Object
                && read.RootElement.TryGetProperty(Ran, out JsonElement ran)
                && ran.ValueKind == JsonValueKind.False);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the second means text that is not valid Unicode
        {
            return true;
        }
    }
}
