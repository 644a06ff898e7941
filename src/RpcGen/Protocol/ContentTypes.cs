namespace RpcGen.Protocol;

/// <summary>Decides which bodies are read.</summary>
internal static class ContentTypes
{
    /// <summary>The content type of a kind of request.</summary>
    public static string Of(MessageKind kind) => kind == MessageKind.Batch ? WireNames.BatchEnvelope : WireNames.Json;

    /// <summary>Whether the body of a request can be read.</summary>
    public static bool IsReadable(MessageKind kind, string? contentType, string? contentEncoding) =>
        kind == MessageKind.Batch ? IsReadableBatch(contentType, contentEncoding) : IsReadable(contentType, contentEncoding);

    /// <summary>Whether a body can be read as JSON: it is not compressed, and its content type is missing, JSON (with any parameters) or plain text.</summary>
    public static bool IsReadable(string? contentType, string? contentEncoding) =>
        IsUtf8(contentEncoding) &&
        (string.IsNullOrEmpty(contentType) || Is(contentType, WireNames.Json) || Is(contentType, WireNames.PlainText) || Is(contentType, WireNames.ProblemJson));

    /// <summary>Whether the body of a <c>$batch</c> message can be read: it is not compressed, and its content type is missing or the one of batches.</summary>
    public static bool IsReadableBatch(string? contentType, string? contentEncoding) =>
        IsUtf8(contentEncoding) && (string.IsNullOrEmpty(contentType) || Is(contentType, WireNames.BatchEnvelope));

    /// <summary>Whether a body can be read as bytes: its content type is missing, or that of bytes.</summary>
    public static bool IsReadableBytes(string? contentType, string? contentEncoding) =>
        string.IsNullOrEmpty(contentEncoding) && (string.IsNullOrEmpty(contentType) || Is(contentType, WireNames.Bytes));

    /// <summary>Whether an encoding says nothing new. Some clients, such as kombu, send the charset, which is that of all JSON.</summary>
    private static bool IsUtf8(string? contentEncoding) =>
        string.IsNullOrEmpty(contentEncoding) || contentEncoding.Equals("utf-8", StringComparison.OrdinalIgnoreCase);

    /// <summary>Compares media types case-insensitively and ignores parameters (RFC 9110, section 8.3.1).</summary>
    private static bool Is(string contentType, string mediaType) =>
        contentType.StartsWith(mediaType, StringComparison.OrdinalIgnoreCase) &&
        (contentType.Length == mediaType.Length || contentType[mediaType.Length] is ';' or ' ');
}
