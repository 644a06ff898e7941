namespace RpcGen.Protocol;

/// <summary>Which bodies are read as JSON.</summary>
internal static class ContentTypes
{
    /// <summary>Whether a body may be read: no encoding, and a content type that is missing, JSON (parameters ignored) or plain text.</summary>
    public static bool IsReadable(string? contentType, string? contentEncoding) =>
        string.IsNullOrEmpty(contentEncoding) &&
        (string.IsNullOrEmpty(contentType) || Is(contentType, WireNames.Json) || Is(contentType, WireNames.PlainText) || Is(contentType, WireNames.ProblemJson));

    /// <summary>Media types are case-insensitive, and parameters may follow (RFC 9110, section 8.3.1).</summary>
    private static bool Is(string contentType, string mediaType) =>
        contentType.StartsWith(mediaType, StringComparison.OrdinalIgnoreCase) &&
        (contentType.Length == mediaType.Length || contentType[mediaType.Length] is ';' or ' ');
}
