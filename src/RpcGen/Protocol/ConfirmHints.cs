namespace RpcGen.Protocol;

/// <summary>
/// The <c>confirm</c> parameter of a reply's <c>content_type</c>: publisher confirms cost nothing on the request queue, because it is a
/// quorum queue. AMQP does not tell clients the type of a queue.
/// </summary>
internal static class ConfirmHints
{
    /// <summary>Whether a content type has it.</summary>
    public static bool IsIn(string? contentType) =>
        contentType is not null && contentType.Length > WireNames.Json.Length && contentType.Contains(WireNames.ConfirmsAreFree, StringComparison.Ordinal);

    /// <summary>A content type of JSON with it, and with <paramref name="hint"/>.</summary>
    public static string Json(BatchHint hint) => hint switch
    {
        BatchHint.Batchable => WireNames.Json + WireNames.ConfirmsAreFree + WireNames.Batchable,
        BatchHint.Unbatchable => WireNames.Json + WireNames.ConfirmsAreFree + WireNames.Unbatchable,
        _ => WireNames.Json + WireNames.ConfirmsAreFree,
    };

    /// <summary>The content type of a fault with it, and with <paramref name="hint"/>.</summary>
    public static string ProblemJson(BatchHint hint) => hint switch
    {
        BatchHint.Batchable => WireNames.ProblemJson + WireNames.ConfirmsAreFree + WireNames.Batchable,
        BatchHint.Unbatchable => WireNames.ProblemJson + WireNames.ConfirmsAreFree + WireNames.Unbatchable,
        _ => WireNames.ProblemJson + WireNames.ConfirmsAreFree,
    };
}
